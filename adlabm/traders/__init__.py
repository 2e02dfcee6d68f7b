"""Traders: the Mesa agent, the population, and the five families of trader rules."""

"""Promises, tried on random markets."""

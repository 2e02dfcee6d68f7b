"""Leverage rules, one file each."""

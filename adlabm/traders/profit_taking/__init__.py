"""Profit-taking rules, one file each."""

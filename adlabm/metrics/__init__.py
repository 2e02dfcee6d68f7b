"""Metrics: one file per question, each with a function named like the file."""

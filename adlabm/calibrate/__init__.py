"""Parameters of a scenario from data."""

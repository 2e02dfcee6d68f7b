"""Real events put through the laboratory: one function, one file each. Aggregates only; the data stay outside the project."""

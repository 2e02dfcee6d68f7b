"""The evidence: how often every promise was put to the test, and what came of it. `python -m evidence --help`."""

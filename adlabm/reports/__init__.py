"""A run in tables, figures and plain words, and all of it on one page."""

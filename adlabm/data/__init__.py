"""Readers of public data formats. Nothing is downloaded; a user names the files."""

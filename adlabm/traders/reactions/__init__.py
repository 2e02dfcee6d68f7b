"""Reactions to ADL lights and notices, one file each."""

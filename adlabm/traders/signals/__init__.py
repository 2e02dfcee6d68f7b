"""Signals: which way a trader wants to be, one file each."""

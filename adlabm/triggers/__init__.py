"""ADL triggers, one file each."""

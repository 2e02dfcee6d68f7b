"""Stop rules, one file each."""

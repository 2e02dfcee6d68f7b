"""Insurance fund rules, one file each."""

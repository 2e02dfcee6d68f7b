"""Index processes, one file each: where the spot reference of a contract goes when nobody trades."""

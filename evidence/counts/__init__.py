"""One file per promise: what one case of it is, and how many are wanted."""

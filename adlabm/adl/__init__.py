"""ADL: from whom a remainder is taken. One file per policy; `allocate` applies one of them to a table of winners."""

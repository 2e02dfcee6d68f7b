"""How prices form: index processes, depth, mark price, funding."""

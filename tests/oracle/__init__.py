"""A second, plain exchange that the engine is held against."""

"""What adlabm is held against: other ways to write the same kind of market, and the machine's limit.

Every module has `measure(n, ticks)`: CPU nanoseconds per trader and tick, or per row and pass. They run on one core, without a cache of
compiled code.
"""

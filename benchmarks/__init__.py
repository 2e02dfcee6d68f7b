"""Speed and memory of adlabm, beside other ways to write the same market. `make bench` runs `python -m benchmarks`."""

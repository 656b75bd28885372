"""Side-by-side measurements against peers: each case is one command, `python -m benchmarks.CASE`."""

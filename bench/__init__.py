"""Benchmarks: us and a peer, interleaved in one run; figures as JSON and as a table."""

"""Shared by all rows of the benchmarks."""

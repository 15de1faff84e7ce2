"""Gaussian process models of tasks, in NumPy and SciPy."""

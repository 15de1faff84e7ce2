"""Gaussian processes in NumPy and SciPy: what the choosers know of a task."""

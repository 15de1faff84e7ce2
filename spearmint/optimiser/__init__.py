"""Constrained Bayesian optimisation over mixed spaces."""

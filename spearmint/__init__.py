"""Constrained Bayesian optimisation: which point next?"""

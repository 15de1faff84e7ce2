"""Measuring runtime, power, energy and memory of one network."""

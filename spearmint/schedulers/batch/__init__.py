"""Batch systems: SLURM, PBS and SGE."""

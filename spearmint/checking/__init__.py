"""Checks a point before it becomes a job: computes its exact constraints in a warm process."""

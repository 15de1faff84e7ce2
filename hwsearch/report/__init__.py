"""The results of a run as text."""

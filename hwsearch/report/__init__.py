"""Reports: what a run found, as text."""

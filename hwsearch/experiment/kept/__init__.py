"""Folders with all that is needed to use a trained network: best/ and models/job-7/."""

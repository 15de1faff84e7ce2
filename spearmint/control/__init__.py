"""The loop that suggests, submits and supervises jobs."""

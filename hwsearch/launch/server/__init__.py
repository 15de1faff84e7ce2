"""A run's own MongoDB server."""

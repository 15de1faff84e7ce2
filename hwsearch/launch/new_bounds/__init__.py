"""A run that continues under other bounds."""

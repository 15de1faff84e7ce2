"""Programs that an objective starts."""

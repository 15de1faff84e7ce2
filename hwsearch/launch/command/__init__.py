"""What the command line asks for: flags, bounds, objectives, and what contradicts each other."""

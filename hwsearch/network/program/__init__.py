"""The text of a script: what can be said of it without running it, and how it is run."""

"""The training of a network, and what it gives."""

"""One network: its script, its data, its training and its score."""

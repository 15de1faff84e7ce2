"""The training of a network for use, after the search: longer, on all data, with several seeds."""

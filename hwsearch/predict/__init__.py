"""`python -m hwsearch.predict`: what a network will cost on this machine, without running it."""

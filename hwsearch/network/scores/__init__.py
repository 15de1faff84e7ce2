"""How good a network is on rows that it was not trained on."""

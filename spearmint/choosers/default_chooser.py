"""Stand-in until the model is there: random search."""

from spearmint.choosers.random_search import ARGUMENTS, init

__all__ = ["ARGUMENTS", "init"]

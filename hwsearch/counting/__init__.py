"""Multiply-accumulate operations, parameters and bytes of a Keras model, without running it."""

from __future__ import annotations

from hwsearch.counting.counts import CountError, Counts, LayerCount, count

__all__ = ["CountError", "Counts", "LayerCount", "count"]

"""What the models of a search say about it: plain numbers for reports; nothing here suggests.

The models are those of the default chooser, fitted to the same jobs in the same way, whichever
chooser suggested the jobs.
"""

from __future__ import annotations

from spearmint.analysis.analysis import analyse

__all__ = ["analyse"]

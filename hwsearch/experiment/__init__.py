"""What an experiment keeps on disk: its folder, its runs, its settings and its best network."""

from __future__ import annotations

from hwsearch.experiment.archive import Archive
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.settings import Settings

__all__ = ["Archive", "Experiment", "Settings"]

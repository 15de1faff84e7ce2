"""Saves a trained network so that it can be used again, whatever its script defines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.network.errors import explained
from hwsearch.network.loading import how_to_load
from hwsearch.network.way_to_load import Loading


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of a trained network.

    Attributes:
        model: The whole model; None if it could not be saved.
        weights: The weights alone; None if they could not be saved.
        loading: What it takes to load it; None if nothing was saved.
        fault: Why the model could not be saved; "" if it was.
    """

    model: Path | None
    weights: Path | None
    loading: Loading | None
    fault: str = ""


def save(model: Any, whole: Path, weights: Path, home: Path) -> Saved:
    """Saves model and weights; a file that cannot be written completely is removed.

    Args:
        model: The `keras.Model`.
        whole: Where the whole model goes; ends in `.keras`.
        weights: Where the weights go; ends in `.weights.h5`.
        home: The folder of the template, whose modules may not be there when the model is loaded.
    """
    fault = _fault(model.save, whole)
    lost = _fault(model.save_weights, weights)
    loading = None
    if not fault:
        loading = how_to_load(whole, model, home)
    elif not lost:
        loading = Loading.SCRIPT
    return Saved(None if fault else whole, None if lost else weights, loading, fault)


def _fault(write: Callable[[str], None], path: Path) -> str:
    """Writes a file; says why that failed: a full disk, or a layer without get_config."""
    try:
        write(str(path))
    except Exception as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # a part of it may fill the disk
        return explained(error)
    return ""

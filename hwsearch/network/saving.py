"""Saves a trained network so that it can be used again, whatever its script defines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwsearch.network.errors import explained
from hwsearch.network.loading import how_to_load
from hwsearch.network.own_objects import own_objects
from hwsearch.network.way_to_load import Loading


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of a trained network.

    Attributes:
        model: The whole model; None if it could not be saved.
        weights: The weights alone; None if they could not be saved.
        loading: What it takes to load it; None if nothing was saved.
        fault: Why the model could not be saved; "" if it was.
        objects: The text of a module with the script's own classes and functions, with which the
            model loads compiled; "" if it needs none, or the script itself.
    """

    model: Path | None
    weights: Path | None
    loading: Loading | None
    fault: str = ""
    objects: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from.

    Attributes:
        home: The folder of the template, whose modules may not be there when the model is loaded.
        script: The rendered script; "" if no module of own objects is wanted.
        modules: The texts of the modules beside the template, by path.
    """

    home: Path
    script: str = ""
    modules: Mapping[str, str] = field(default_factory=dict)


def save(model: Any, whole: Path, weights: Path, origin: Origin) -> Saved:
    """Saves model and weights; a file that cannot be written completely is removed.

    Args:
        model: The `keras.Model`.
        whole: Where the whole model goes; ends in `.keras`.
        weights: Where the weights go; ends in `.weights.h5`.
        origin: Where the model comes from.
    """
    fault = _fault(model.save, whole)
    lost = _fault(model.save_weights, weights)
    kept, left = None if fault else whole, None if lost else weights
    if fault:
        return Saved(kept, left, None if lost else Loading.SCRIPT, fault)
    objects = ""
    if origin.script:
        with contextlib.suppress(Exception):  # without them, it loads by its script
            objects = own_objects(whole, origin.script, origin.modules)
    loading, needed = how_to_load(whole, model, origin.home, objects)
    return Saved(kept, left, loading, "", objects if needed else "")


def _fault(write: Callable[[str], None], path: Path) -> str:
    """Writes a file; says why that failed: a full disk, or a layer without get_config."""
    try:
        write(str(path))
    except Exception as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # a part of it may fill the disk
        return explained(error)
    return ""

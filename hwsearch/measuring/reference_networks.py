"""The fixed Keras networks that serve as references (`hwsearch.measuring.references`).

There are four, of increasing cost. They are timed once per machine, Keras backend and version;
the times are kept in a small file.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.atomic_files import write_json
from hwsearch.keras_runtime import keras
from hwsearch.measuring.inference_load import InferenceLoad
from hwsearch.measuring.load import Load
from hwsearch.measuring.references import QUANTILE, Reference, neighbours
from hwsearch.meters.clock import Clock
from hwsearch.meters.processor import cpu

VERSION = 3  # of the networks below; raise it with any change, so that kept times become invalid
#: Filters of the first layer and images per batch: about 0.8, 1.3, 2.8 and 7 ms on two cores.
SIZES = ((16, 32), (32, 64), (64, 64), (64, 160))
CALIBRATION_S = 6.0
SLICE_S = 0.5
STRETCH_S = 0.02
KEY = "seconds_a_run"  # as in the files that exist


def keras_references(clock: Clock, typical_s: float) -> list[Reference]:
    """The reference networks next to a network in time, on the Keras backend of this process.

    They are timed now (6 s) if this machine has not timed them before.

    Args:
        clock: Measures the time.
        typical_s: About how long a batch of the network takes.

    Returns:
        One or two, the faster one first.
    """
    path = cache_dir() / f"reference-{_key()}.json"
    nominal = _kept(path)
    loads: dict[int, Load] = {}
    if nominal is None:
        loads = {number: _network(*size) for number, size in enumerate(SIZES)}
        nominal = time_references(list(loads.values()), clock)
        _keep(path, nominal)
    references = [
        Reference(loads.get(number) or _network(*SIZES[number]), nominal[number])
        for number in neighbours(nominal, typical_s)
    ]
    for reference in references:
        reference.load.run()
    return references


def time_references(loads: Sequence[Load], clock: Clock) -> list[float]:
    """Seconds per run of each load on the idle machine.

    The loads run in turns for 6 s. For each, the 5% quantile of its times is taken in every half
    second, and the smallest of these is returned.
    """
    calmest = [math.inf] * len(loads)
    end = clock.now() + CALIBRATION_S
    while clock.now() < end:
        times: list[list[float]] = [[] for _ in loads]
        slice_end = clock.now() + SLICE_S
        while clock.now() < slice_end:
            for load, of_load in zip(loads, times, strict=True):
                stretch_end = clock.now() + STRETCH_S
                while clock.now() < stretch_end:
                    start = clock.now()
                    load.run()
                    of_load.append(clock.now() - start)
        quantiles = [float(np.quantile(of_load, QUANTILE)) for of_load in times]
        calmest = [min(pair) for pair in zip(calmest, quantiles, strict=True)]
    return calmest


def cache_dir() -> Path:
    """This tool's folder among the user's caches ($XDG_CACHE_HOME)."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "hyperpower"


def _network(features: int, images: int) -> InferenceLoad:
    """Three convolutions and a dense layer on images of 8x8.

    Names and weights are fixed: Keras' name counters and random numbers stay as they are, and so
    does the user's training that depends on them.
    """
    weights = keras.initializers.Constant(0.01)
    layers = keras.layers

    def convolution(filters: int, name: str) -> Any:
        return layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_initializer=weights, name=name
        )

    model = keras.Sequential(
        [
            layers.Input((8, 8, 1), name="reference_input"),
            convolution(features, "reference_a"),
            layers.MaxPooling2D(name="reference_b"),
            convolution(2 * features, "reference_c"),
            layers.MaxPooling2D(name="reference_d"),
            convolution(4 * features, "reference_e"),
            layers.Flatten(name="reference_f"),
            layers.Dense(256, activation="relu", kernel_initializer=weights, name="reference_g"),
        ],
        name="reference",
    )
    return InferenceLoad(model, np.full((images, 8, 8, 1), 0.5, "float32"), images)


def _key() -> str:
    """A short name for this machine, Keras backend and version."""
    backend = keras.backend.backend()
    library: Any = importlib.import_module(backend)
    processor = cpu()
    parts = (
        *(VERSION, platform.node(), processor.name, processor.cpus),
        *(keras.__version__, library.__version__),
    )
    return f"{backend}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _kept(path: Path) -> list[float] | None:
    """The times in a file; None if it does not exist or cannot be used."""
    try:
        values = [float(value) for value in json.loads(path.read_text())[KEY]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    good = len(values) == len(SIZES) and all(0 < value < 10 for value in values)
    return values if good else None


def _keep(path: Path, seconds: Sequence[float]) -> None:
    """Writes the times; if the home folder is read-only, the next process spends 6 s again."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {KEY: list(seconds), "cpu": cpu().name})

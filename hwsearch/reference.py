"""A fixed small network whose time tells how busy the machine is.

On a shared CPU the same network takes 10 to 50% longer in one minute than in the next: other
processes take cores, caches and clock speed, for longer than any one profile lasts, so no average
over a profile removes it. A fixed network run in turns with the one being measured is slowed
alike; the ratio of the two is steady (2% between profiles where the times themselves varied by
14 to 50%). Times are then given for the machine as it was when the reference was first timed on
it: that figure is kept in a small file, a machine, Keras backend and version each.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.clock import Clock
from hwsearch.load import InferenceLoad, Load

VERSION = 2  # of the network below: raise it with any change, the kept times are then void
CALIBRATION_S = 2.0
SLICE_S = 0.25
QUANTILE = 0.05


@dataclass(frozen=True, slots=True)
class Reference:
    """A load of known time.

    Attributes:
        load: runs it once.
        nominal_s: seconds a run takes on this machine when it is calm.
    """

    load: Load
    nominal_s: float


def keras_reference(clock: Clock) -> Reference:
    """The reference on this process' Keras backend, timed now if this machine never did it."""
    load = _network()
    load.run()
    path = cache_dir() / f"reference-{_key()}.json"
    nominal = _kept(path)
    if nominal is None:
        nominal = calibrate(load, clock)
        _keep(path, nominal)
    return Reference(load, nominal)


def calibrate(load: Load, clock: Clock) -> float:
    """Seconds a run: the 5% quantile of the calmest quarter second of two seconds."""
    slices: list[float] = []
    end = clock.now() + CALIBRATION_S
    while clock.now() < end:
        times: list[float] = []
        slice_end = clock.now() + SLICE_S
        while clock.now() < slice_end:
            start = clock.now()
            load.run()
            times.append(clock.now() - start)
        slices.append(float(np.quantile(times, QUANTILE)))
    return min(slices)


def cache_dir() -> Path:
    """Where this user's caches lie ($XDG_CACHE_HOME), in a folder of our own."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "hyperpower"


def _network() -> InferenceLoad:
    """Two convolutions and a dense layer on 32 images of 16x16: about a millisecond on a core.

    Names and weights are given, so that neither Keras' name counters nor its random numbers, and
    with them the user's training, notice.
    """
    import keras  # noqa: PLC0415

    weights = keras.initializers.Constant(0.01)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((16, 16, 1), name="reference_input"),
            layers.Conv2D(16, 3, activation="relu", kernel_initializer=weights, name="reference_a"),
            layers.MaxPooling2D(name="reference_b"),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=weights, name="reference_c"),
            layers.Flatten(name="reference_d"),
            layers.Dense(64, activation="relu", kernel_initializer=weights, name="reference_e"),
        ],
        name="reference",
    )
    return InferenceLoad(model, np.full((32, 16, 16, 1), 0.5, "float32"), 32)


def _key() -> str:
    import keras  # noqa: PLC0415

    backend = keras.backend.backend()
    library: Any = importlib.import_module(backend)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = (VERSION, platform.node(), _cpu(), cores, keras.__version__, library.__version__)
    return f"{backend}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _kept(path: Path) -> float | None:
    try:
        value = float(json.loads(path.read_text())["seconds_a_run"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return value if 0 < value < 10 else None


def _keep(path: Path, seconds: float) -> None:
    """Written, then moved into place; a read-only home only costs the next process 2 s."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump({"seconds_a_run": seconds, "cpu": _cpu()}, file)
        Path(file.name).replace(path)

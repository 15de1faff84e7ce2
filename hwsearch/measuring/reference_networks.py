"""Fixed networks whose times tell how busy the machine is.

On a shared CPU the same network takes 10 to 50% longer in one minute than in the next: other
processes take cores, caches and clock speed, for longer than any one profile lasts, so no average
over a profile removes it. A fixed network run in turns with the one being measured is slowed
alike, the more so the more alike the two are: a batch of 0.5 ms on one thread and one of 5 ms on
two are not. Hence several reference networks, of rising cost: the two next to the network in
time are run, and its slowdown is interpolated between theirs (benchmarks/measuring: how steady
that is). Times are then given for the machine as it was when the references were first timed on
it: those figures are kept in a small file, a machine, Keras backend and version each.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import math
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.measuring.inference_load import InferenceLoad, Load
from hwsearch.meters.clock import Clock

VERSION = 3  # of the networks below: raise it with any change, the kept times are then void
#: Filters of the first layer and images a batch: about 0.8, 1.3, 2.8 and 7 ms on two cores.
SIZES = ((16, 32), (32, 64), (64, 64), (64, 160))
CALIBRATION_S = 6.0
SLICE_S = 0.5
STRETCH_S = 0.02
QUANTILE = 0.05
NEXT = 1.1  # a reference this much faster than the network is still its upper neighbour


@dataclass(frozen=True, slots=True)
class Reference:
    """A load of known time.

    Attributes:
        load: Runs it once.
        nominal_s: Seconds a run takes on this machine when it is calm.
    """

    load: Load
    nominal_s: float


def keras_references(clock: Clock, typical_s: float) -> list[Reference]:
    """The references next to a network in time, on this process' Keras backend.

    They are timed now if this machine never did it.

    Args:
        clock: Tells the time.
        typical_s: About what a batch of the network takes.

    Returns:
        One or two, the faster one first.
    """
    path = cache_dir() / f"reference-{_key()}.json"
    nominal = _kept(path)
    loads: dict[int, Load] = {}
    if nominal is None:
        loads = {number: _network(*size) for number, size in enumerate(SIZES)}
        nominal = calibrate(list(loads.values()), clock)
        _keep(path, nominal)
    chosen = neighbours(nominal, typical_s)
    found = [Reference(loads.get(n) or _network(*SIZES[n]), nominal[n]) for n in chosen]
    for reference in found:
        reference.load.run()
    return found


def neighbours(nominal_s: Sequence[float], typical_s: float) -> list[int]:
    """Places of the times next to one, below and above; of a single one at either end."""
    order = sorted(range(len(nominal_s)), key=lambda n: nominal_s[n])
    above = next((i for i, n in enumerate(order) if nominal_s[n] * NEXT >= typical_s), len(order))
    return order[max(0, above - 1) : above + 1]


def slowdown(time_s: float, observed_s: Sequence[float], references: Sequence[Reference]) -> float:
    """By how much the machine slows a network that takes so long now: 1 = not at all.

    Interpolated between the references, in the logarithms of times.

    Args:
        time_s: Of a batch, as it is.
        observed_s: Of a run of each reference, as it is.
        references: At least one.
    """
    pairs = sorted(
        (math.log(now), math.log(now / reference.nominal_s))
        for now, reference in zip(observed_s, references, strict=True)
    )
    times, slower = zip(*pairs, strict=True)
    return math.exp(float(np.interp(math.log(time_s), times, slower)))


def calibrate(loads: Sequence[Load], clock: Clock) -> list[float]:
    """Seconds a run of each: the 5% quantile of its calmest half second of six."""
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
    """Where this user's caches lie ($XDG_CACHE_HOME), in a folder of our own."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "hyperpower"


def _network(features: int, images: int) -> InferenceLoad:
    """Three convolutions and a dense layer on images of 8x8.

    Names and weights are given, so that neither Keras' name counters nor its random numbers, and
    with them the user's training, notice.
    """
    import keras  # noqa: PLC0415

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


def _kept(path: Path) -> list[float] | None:
    try:
        values = [float(value) for value in json.loads(path.read_text())["seconds_a_run"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    good = len(values) == len(SIZES) and all(0 < value < 10 for value in values)
    return values if good else None


def _keep(path: Path, seconds: Sequence[float]) -> None:
    """Written, then moved into place; a read-only home only costs the next process 6 s."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump({"seconds_a_run": list(seconds), "cpu": _cpu()}, file)
        Path(file.name).replace(path)

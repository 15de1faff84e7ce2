"""Peak memory of a piece of work, inference or training, on the device that does it.

How it is read, and how exactly, is described in `hwsearch.measuring.memory_sources`.
"""

from __future__ import annotations

import contextlib
import functools
import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from hwsearch.measurements import Quantity
from hwsearch.measuring.load import Load
from hwsearch.measuring.memory_sources import MemoryReadError, PeakSource, peak_source

GIB = 2**30
REPEATS = 3
UNREADABLE = (MemoryReadError, OSError, KeyError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """Peak memory of a piece of work.

    Attributes:
        peaks: Bytes, one per repetition, after subtracting the baseline.
        baseline: Bytes that an idle process touches.
        source: Where the values come from, by its maker's name.
    """

    peaks: tuple[int, ...]
    baseline: int
    source: str

    @property
    def bytes(self) -> int:
        """The median peak."""
        return round(statistics.median(self.peaks))

    @property
    def gib(self) -> float:
        """The median peak in GiB (2**30 bytes)."""
        return self.bytes / GIB

    def quantity(self) -> Quantity:
        """In GiB, with the spread of the repetitions."""
        spread = statistics.stdev(self.peaks) if len(self.peaks) > 1 else math.nan
        error = spread / len(self.peaks) ** 0.5
        return Quantity(
            self.gib, error / GIB, spread / GIB, len(self.peaks), "GiB", f"peak, {self.source}"
        )


def measure_peak(
    work: Callable[[], Any],
    *,
    baseline: Callable[[], Any] | None = None,
    repeats: int = 1,
    source: PeakSource | None = None,
) -> MemoryReading:
    """Peak memory while `work` runs, once or several times.

    Args:
        work: Runs to completion.
        baseline: Work of which the peak is subtracted; None = nothing. Ignored on a GPU, whose
            allocator counts the work alone.
        repeats: How often to run `work`.
        source: Where to read; None = the device of the Keras backend.

    Raises:
        MemoryReadError: The device does not report the memory in use.
    """
    source = source or peak_source()
    below = _peak(source, baseline) if baseline is not None and not source.on_gpu else 0
    peaks = tuple(max(0, _peak(source, work) - below) for _ in range(repeats))
    return MemoryReading(peaks, below, source.field)


def inference_peak(load: Load, repeats: int = REPEATS) -> MemoryReading:
    """Peak memory of running one batch: weights, input, activations and the kernels' buffers.

    Args:
        load: Already traced and run.
        repeats: How often to measure.
    """
    source = peak_source()
    if not source.on_gpu:
        _idle()
    return measure_peak(load.run, baseline=_idle, repeats=repeats, source=source)


class PeakMemory:
    """Peak memory of a `with` block; afterwards it is in `reading`.

    For training, which cannot be repeated. On a CPU, what an idle process touches is subtracted,
    as for inference. If the device does not report the memory in use, `reading` stays None and the
    work is not disturbed.
    """

    def __init__(self) -> None:
        self.reading: MemoryReading | None = None
        self._source: PeakSource | None = None
        self._below = 0

    def __enter__(self) -> Self:
        with contextlib.suppress(*UNREADABLE):
            source = peak_source()
            self._below = _baseline(source)
            source.start()
            self._source = source
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._source is None:
            return
        try:
            if kind is None:
                with contextlib.suppress(*UNREADABLE):
                    peak = max(0, self._source.peak() - self._below)
                    self.reading = MemoryReading((peak,), self._below, self._source.field)
        finally:
            self._source.stop()


def _peak(source: PeakSource, work: Callable[[], Any]) -> int:
    source.start()
    try:
        work()
        return source.peak()
    finally:
        source.stop()


def _baseline(source: PeakSource) -> int:
    """Bytes that an idle process touches; 0 on a GPU, whose allocator counts the work alone."""
    if source.on_gpu:
        return 0
    _idle()  # once, for what is created at the first run
    # The least of several: pages that other threads touch meanwhile are not the baseline's.
    return min(_peak(source, _idle) for _ in range(REPEATS))


def _idle() -> None:
    """What every inference needs in this process, however small the network."""
    if "keras" in sys.modules:
        _neuron().run()


@functools.lru_cache(maxsize=1)
def _neuron() -> Load:
    """The smallest network: all its memory is the framework's. Draws no random numbers."""
    import numpy as np  # noqa: PLC0415 - with Keras only

    from hwsearch.keras_runtime import keras  # noqa: PLC0415 - memory is also read without Keras
    from hwsearch.measuring.inference_load import InferenceLoad  # noqa: PLC0415 - with Keras only

    zero = keras.layers.Dense(1, kernel_initializer="zeros", name="memory_neuron")
    model = keras.Sequential([keras.layers.Input((1,), name="memory_input"), zero], name="memory")
    return InferenceLoad(model, np.zeros((1, 1), "float32"), 1)

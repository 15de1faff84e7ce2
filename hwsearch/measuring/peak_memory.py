"""Peak memory of a piece of work, inference or training, on the device that does it.

How it is found, and how exact it is, stands in `hwsearch.measuring.memory_sources`.
"""

from __future__ import annotations

import contextlib
import functools
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwsearch.measurements import Quantity
from hwsearch.measuring.memory_sources import Source, source
from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import (
    Availability,
    Channel,
    Meter,
    MeterError,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)

GIB = 2**30
REPEATS = 3
UNREADABLE = (MeterError, OSError, KeyError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """Peak memory of a piece of work.

    Attributes:
        peaks: Bytes, one a repetition, what an idle process touches taken off.
        baseline: Bytes that were taken off.
        source: Where the numbers come from, by its maker's name.
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
        spread = statistics.stdev(self.peaks) if len(self.peaks) > 1 else float("nan")
        error = spread / len(self.peaks) ** 0.5
        return Quantity(
            self.gib, error / GIB, spread / GIB, len(self.peaks), "GiB", f"peak, {self.source}"
        )


def measure_peak(
    work: Callable[[], Any],
    *,
    baseline: Callable[[], Any] | None = None,
    repeats: int = 1,
    of: Source | None = None,
) -> MemoryReading:
    """Peak memory while `work` runs, once (training) or several times.

    Args:
        work: Runs to completion.
        baseline: What to take off; None = nothing. Not taken off on a GPU.
        repeats: How often to run `work`.
        of: Where to read; None = the Keras backend's device.

    Raises:
        MeterReadError: The device does not tell.
    """
    where = of or source()
    below = _peak(where, baseline) if baseline is not None and not where.on_gpu else 0
    peaks = tuple(max(0, _peak(where, work) - below) for _ in range(repeats))
    return MemoryReading(peaks, below, where.field)


def _peak(where: Source, work: Callable[[], Any]) -> int:
    where.start()
    try:
        work()
        return where.peak()
    finally:
        where.stop()


class PeakMemory:
    """Peak memory of what happens inside a `with` block; `reading` is there after it.

    For training, which must not be run twice. On a CPU, what an idle process touches is taken off,
    as for inference. Where the device does not tell, `reading` stays None: the work is not
    disturbed.
    """

    def __init__(self) -> None:
        self.reading: MemoryReading | None = None
        self._source: Source | None = None
        self._below = 0

    def __enter__(self) -> Self:
        with contextlib.suppress(*UNREADABLE):
            where = source()
            self._below = _baseline(where)
            where.start()
            self._source = where
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


def inference_peak(load: Any, repeats: int = REPEATS) -> MemoryReading:
    """Peak memory of running one batch: weights, input, activations and the kernels' own needs.

    Args:
        load: An `InferenceLoad` (or anything with `run`), already traced and run.
        repeats: How often to look.
    """
    where = source()
    if not where.on_gpu:
        _idle()
    return measure_peak(load.run, baseline=_idle, repeats=repeats, of=where)


def _baseline(where: Source) -> int:
    """Bytes that an idle process touches; 0 on a GPU, whose allocator counts the work alone."""
    if where.on_gpu:
        return 0
    _idle()  # once for what is made at the first run
    # The least: what other threads touch meanwhile is not to be taken off the work.
    return min(_peak(where, _idle) for _ in range(REPEATS))


def _idle() -> None:
    """What every inference needs of this process, however small the network."""
    if "keras" in sys.modules:
        _neuron().run()


@functools.lru_cache(maxsize=1)
def _neuron() -> Any:
    """The smallest network, whose memory is all the framework's; takes no random numbers."""
    import keras  # noqa: PLC0415  - heavy
    import numpy as np  # noqa: PLC0415

    from hwsearch.measuring.inference_load import InferenceLoad  # noqa: PLC0415  - loads are made by others

    zero = keras.layers.Dense(1, kernel_initializer="zeros", name="memory_neuron")
    model = keras.Sequential([keras.layers.Input((1,), name="memory_input"), zero], name="memory")
    return InferenceLoad(model, np.zeros((1, 1), "float32"), 1)


class MemoryMeter(Meter):
    """Peak memory of this process' work on its device, as a meter."""

    name: ClassVar[str] = "memory"

    def __init__(self, device: Device | None = None, clock: Clock = REAL_CLOCK) -> None:
        super().__init__(device, clock)
        self._source: Source | None = None
        self._below = 0

    def available(self) -> Availability:
        """Always on a CPU; on a GPU where the Keras backend in this process uses it."""
        try:
            source(self.device)
        except MeterUnavailableError as error:
            return Availability(False, error.cause, error.remedy)
        return Availability(True)

    def channels(self) -> Sequence[Channel]:
        """Memory alone."""
        with contextlib.suppress(MeterUnavailableError):
            return (Channel("memory", source(self.device).field, update_s=0.0),)
        return ()

    def start(self) -> None:
        """Peak memory counts from here; on a CPU, what an idle network touches is taken off."""
        where = source(self.device)
        self._below = _baseline(where)
        where.start()
        self._source = where

    def read(self, quantity: str) -> Reading:
        """Peak bytes since `start`."""
        if quantity != "memory":
            raise MeterReadError(self.name, f"cannot measure {quantity}", "it measures memory")
        if self._source is None:
            raise MeterReadError(self.name, "not started")
        try:
            return Reading(self.clock.now(), float(max(0, self._source.peak() - self._below)))
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            raise MeterReadError(self.name, f"no usable value: {error}") from error

    def stop(self) -> None:
        """Nothing is left running."""
        if self._source is not None:
            self._source.stop()
            self._source = None

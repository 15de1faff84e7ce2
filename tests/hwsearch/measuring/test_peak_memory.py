"""Peak memory of inference and training, over sources of known values and on this machine."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hwsearch.measuring.memory_sources import MemoryReadError, PeakSource, TouchedPages
from hwsearch.measuring.peak_memory import (
    GIB,
    MemoryReading,
    PeakMemory,
    inference_peak,
    measure_peak,
)

MIB = 2**20
pages = pytest.mark.skipif(not TouchedPages().works(), reason="needs Linux' /proc/self/clear_refs")


class Values(PeakSource):
    """Reports these peaks, one after the other; the only one if there is one."""

    field = "values"

    def __init__(self, *values, on_gpu=False):
        self.values, self.on_gpu = list(values), on_gpu
        self.running = 0

    def start(self):
        self.running += 1

    def stop(self):
        self.running -= 1

    def peak(self):
        return self.values.pop(0) if len(self.values) > 1 else self.values[0]


class Unreadable(Values):
    def peak(self):
        raise MemoryReadError("memory: not reported")


@pytest.fixture
def use(monkeypatch):
    """Reads memory from a source."""

    def use(source):
        monkeypatch.setattr("hwsearch.measuring.peak_memory.peak_source", lambda: source)
        return source

    return use


def test_the_baseline_is_subtracted_on_a_cpu_and_the_result_never_negative():
    source = Values(100, 500, 90, 300)
    reading = measure_peak(lambda: None, baseline=lambda: None, repeats=3, source=source)
    assert reading.peaks == (400, 0, 200)
    assert (reading.bytes, reading.baseline, reading.source) == (200, 100, "values")
    assert source.running == 0


def test_the_source_is_stopped_if_the_work_fails():
    source = Values(100)
    with pytest.raises(ZeroDivisionError):
        measure_peak(lambda: 1 / 0, source=source)
    assert source.running == 0


@pytest.mark.parametrize(("on_gpu", "expected"), [(False, 400), (True, 500)])
def test_the_baseline_of_work_that_runs_once(use, on_gpu, expected):
    """The least of three, since other threads touch pages too; none on a GPU."""
    use(Values(*([500] if on_gpu else [130, 100, 180, 500]), on_gpu=on_gpu))
    with PeakMemory() as peak:
        pass
    assert (peak.reading.bytes, peak.reading.baseline) == (expected, 500 - expected)


@pages
def test_work_that_runs_once(monkeypatch):
    # If an earlier test has loaded Keras, the peak of an idle network would be subtracted.
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    with PeakMemory() as peak:
        block = np.ones(40 * MIB, np.uint8)
    assert peak.reading is not None
    assert block.nbytes <= peak.reading.bytes <= block.nbytes + 16 * MIB


def test_work_is_not_disturbed_if_memory_cannot_be_read(use):
    source = use(Unreadable(0))
    with PeakMemory() as peak:
        pass
    assert peak.reading is None
    with pytest.raises(ZeroDivisionError), PeakMemory() as peak:
        1 / 0  # noqa: B018
    assert source.running == 0


def test_inference_on_a_gpu_has_a_standard_error(use):
    """Without one, every network with a bound on memory would count as uncertain."""
    use(Values(1500, on_gpu=True))
    quantity = inference_peak(SimpleNamespace(run=lambda: None)).quantity()
    assert quantity.value * GIB == 1500
    assert (quantity.std_error, quantity.std, quantity.samples) == (0, 0, 3)


def test_units():
    reading = MemoryReading((GIB, 3 * GIB, 2 * GIB), 0, "somewhere")
    quantity = reading.quantity()
    assert (quantity.value, quantity.std, quantity.samples, quantity.unit) == (2.0, 1.0, 3, "GiB")
    assert quantity.std_error == pytest.approx(3**-0.5)
    assert np.isnan(MemoryReading((GIB,), 0, "x").quantity().std_error)

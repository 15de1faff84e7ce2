"""Peak memory: of known allocations on this machine, of recorded kernel files, of stand-in GPUs."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hwsearch.measuring.memory_sources import (
    JaxAllocator,
    SampledSize,
    TensorFlowAllocator,
    TorchAllocator,
    TouchedPages,
    referenced,
    source,
)
from hwsearch.measuring.peak_memory import (
    GIB,
    MemoryMeter,
    MemoryReading,
    PeakMemory,
    inference_peak,
    measure_peak,
)
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError

MIB = 2**20

SMAPS = """\
5581e000-5582e000 r-xp 00000000 fe:00 1234                       /usr/bin/python3.11
Rss:                  64 kB
Referenced:           64 kB
55f0e000-55f2e000 rw-p 00000000 00:00 0                          [heap]
Rss:                 128 kB
Referenced:          100 kB
7f000000-7f100000 rw-p 00000000 00:00 0 
Rss:                1024 kB
Referenced:          512 kB
7f200000-7f300000 rw-s 00000000 00:05 77                         /dev/shm/ring
Referenced:         1024 kB
7f400000-7f500000 rw-s 00000000 00:00 0                          /memfd:x (deleted)
Referenced:         1024 kB
7ffe0000-7ffe2000 rw-p 00000000 00:00 0                          [stack]
Referenced:            8 kB
"""  # noqa: W291  (the kernel writes the blank)

pages = pytest.mark.skipif(not TouchedPages().works(), reason="needs Linux' /proc/self/clear_refs")


def test_only_private_memory_without_a_file_counts():
    assert referenced(SMAPS) == (100 + 512 + 8) * 1024


def test_memory_given_back_meanwhile_is_added(tmp_path):
    (tmp_path / "smaps").write_text(SMAPS)
    (tmp_path / "status").write_text("Name:\tx\nVmHWM:\t  5000 kB\nVmRSS:\t  3000 kB\n")
    touched = TouchedPages(tmp_path)
    assert touched.works()
    assert touched.peak() == (620 + 2000) * 1024
    assert (tmp_path / "clear_refs").read_text() == "1"


def test_a_kernel_without_the_file_falls_back(tmp_path):
    assert not TouchedPages(tmp_path / "none").works()
    (tmp_path / "smaps").write_text(SMAPS)
    (tmp_path / "status").write_text("Name:\tx\n")
    assert not TouchedPages(tmp_path).works()


@pages
@pytest.mark.parametrize("mib", [16, 64])
def test_memory_taken_and_given_back(mib):
    reading = measure_peak(lambda: np.ones(mib * MIB, np.uint8).sum(), of=TouchedPages())
    assert mib * MIB <= reading.bytes <= (mib + 8) * MIB


@pages
def test_memory_that_was_there_before_counts_when_it_is_used():
    pool = np.ones(64 * MIB, np.uint8)
    idle = measure_peak(lambda: None, of=TouchedPages())
    half = measure_peak(lambda: pool[: 32 * MIB].fill(2), of=TouchedPages())
    assert idle.bytes < 8 * MIB
    # Huge pages may round either end.
    assert 28 * MIB <= half.bytes <= 42 * MIB


@pages
def test_earlier_larger_work_does_not_hide_later_smaller_work():
    measure_peak(lambda: np.ones(96 * MIB, np.uint8).sum(), of=TouchedPages())
    later = measure_peak(lambda: np.ones(24 * MIB, np.uint8).sum(), of=TouchedPages())
    assert 24 * MIB <= later.bytes <= 32 * MIB


def test_sampled_growth():
    kept = []
    sampled = SampledSize()
    reading = measure_peak(lambda: kept.append(np.ones(48 * MIB, np.uint8)), of=sampled)
    assert 40 * MIB <= reading.bytes <= 64 * MIB
    assert sampled._thread is None


def test_the_baseline_is_taken_off_on_a_cpu_and_never_below_zero():
    class Fixed(SampledSize):
        values = iter([100, 500, 90, 300])

        def start(self):
            pass

        def peak(self):
            return next(self.values)

    reading = measure_peak(lambda: None, baseline=lambda: None, repeats=3, of=Fixed())
    assert reading.peaks == (400, 0, 200)
    assert (reading.bytes, reading.baseline) == (200, 100)


@pytest.mark.parametrize(("on_gpu", "expected"), [(False, 400), (True, 500)])
def test_the_baseline_of_work_that_runs_once(monkeypatch, on_gpu, expected):
    class Fixed(SampledSize):
        values = [500] if on_gpu else [130, 100, 180, 500]

        def start(self):
            pass

        def peak(self):
            return self.values.pop(0)

    fixed = Fixed()
    fixed.on_gpu = on_gpu
    monkeypatch.setattr("hwsearch.measuring.peak_memory.source", lambda: fixed)
    with PeakMemory() as peak:
        pass
    assert (peak.reading.bytes, peak.reading.baseline) == (expected, 500 - expected)


@pages
def test_work_that_runs_once(monkeypatch):
    # Where an earlier test has loaded it, an idle network would be taken off.
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    with PeakMemory() as peak:
        block = np.ones(40 * MIB, np.uint8)
    assert peak.reading is not None
    assert block.nbytes <= peak.reading.bytes <= block.nbytes + 16 * MIB


def test_work_is_not_disturbed_where_memory_cannot_be_read(monkeypatch):
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax"))
    device = SimpleNamespace(memory_stats=lambda: None)
    library = SimpleNamespace(local_devices=lambda: [device], default_backend=lambda: "gpu")
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, "jax", library)
    with PeakMemory() as peak:
        pass
    assert peak.reading is None
    with pytest.raises(ZeroDivisionError), PeakMemory() as peak:
        1 / 0  # noqa: B018


def test_units():
    reading = MemoryReading((GIB, 3 * GIB, 2 * GIB), 0, "somewhere")
    quantity = reading.quantity()
    assert (quantity.value, quantity.std, quantity.samples, quantity.unit) == (2.0, 1.0, 3, "GiB")
    assert quantity.std_error == pytest.approx(3**-0.5)
    assert np.isnan(MemoryReading((GIB,), 0, "x").quantity().std_error)


class FakeAllocator:
    """Counts like a GPU's allocator: bytes in use, and the most of them since a reset."""

    def __init__(self):
        self.used = self.most = 1000

    def work(self, size):
        self.most = max(self.most, self.used + size)

    def reset(self, *_):
        self.most = self.used


def tensorflow(allocator):
    experimental = SimpleNamespace(
        reset_memory_stats=allocator.reset,
        get_memory_info=lambda _: {"current": allocator.used, "peak": allocator.most},
    )
    return SimpleNamespace(
        config=SimpleNamespace(experimental=experimental, list_physical_devices=lambda kind: [kind])
    )


def torch(allocator):
    return SimpleNamespace(
        cuda=SimpleNamespace(
            is_available=lambda: True,
            synchronize=lambda: None,
            reset_peak_memory_stats=allocator.reset,
            max_memory_allocated=lambda: allocator.most,
        )
    )


def jax(allocator):
    device = SimpleNamespace(memory_stats=lambda: {"peak_bytes_in_use": allocator.most})
    return SimpleNamespace(local_devices=lambda: [device], default_backend=lambda: "gpu")


BACKENDS = {
    "tensorflow": (tensorflow, TensorFlowAllocator),
    "torch": (torch, TorchAllocator),
    "jax": (jax, JaxAllocator),
}


@pytest.mark.parametrize("name", BACKENDS)
def test_the_loaded_backend_on_a_gpu_is_asked(monkeypatch, name):
    library, kind = BACKENDS[name]
    allocator = FakeAllocator()
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: name))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, name, library(allocator))
    assert isinstance(source(), kind)
    reading = measure_peak(lambda: allocator.work(500), baseline=lambda: allocator.work(200))
    assert (reading.bytes, reading.baseline) == (1500, 0)
    later = measure_peak(lambda: allocator.work(400))
    assert later.bytes == (1500 if name == "jax" else 1400)  # JAX' peak cannot be reset
    assert ("process' life" in later.source) == (name == "jax")


def test_inference_on_a_gpu_has_an_error_of_its_own(monkeypatch):
    """Without one, every network with a bound of memory would count as uncertain."""
    allocator = FakeAllocator()
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "torch"))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, "torch", torch(allocator))
    load = SimpleNamespace(run=lambda: allocator.work(500))
    quantity = inference_peak(load).quantity()
    assert quantity.value * GIB == 1500
    assert (quantity.std_error, quantity.std, quantity.samples) == (0, 0, 3)


def test_jax_without_statistics():
    device = SimpleNamespace(memory_stats=lambda: None)
    allocator = JaxAllocator(SimpleNamespace(local_devices=lambda: [device]))
    with pytest.raises(MeterReadError, match="XLA_PYTHON_CLIENT_ALLOCATOR"):
        allocator.start()


def test_a_gpu_that_the_backend_does_not_use_is_refused(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    meter = MemoryMeter(Device("gpu", "NVIDIA X", "GPU-1"))
    availability = meter.available()
    assert not availability.ok
    assert "does not run on NVIDIA X" in availability.reason
    assert meter.channels() == ()
    with pytest.raises(MeterUnavailableError, match="KERAS_BACKEND"):
        meter.start()


def test_as_a_meter():
    meter = MemoryMeter(Device("cpu", "here"))
    assert meter.available().ok
    assert [channel.quantity for channel in meter.channels()] == ["memory"]
    with meter:
        block = np.ones(32 * MIB, np.uint8)
        # What an idle network touches is taken off where Keras is loaded.
        assert block.nbytes - 12 * MIB <= meter.read("memory").value <= block.nbytes + 12 * MIB
        with pytest.raises(MeterReadError, match="cannot measure power"):
            meter.read("power")
    with pytest.raises(MeterReadError, match="not started"):
        meter.read("memory")
    meter.stop()

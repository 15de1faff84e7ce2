"""Where peak memory is read: known allocations, recorded kernel files, stand-ins for GPUs."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hwsearch.measuring.memory_sources import (
    JaxAllocator,
    MemoryReadError,
    SampledSize,
    TensorFlowAllocator,
    TorchAllocator,
    TouchedPages,
    peak_source,
    referenced,
)

MIB = 2**20
#: The pages that the process uses meanwhile itself, with a tracer for coverage too.
NOISE_MIB = 12


def peak(source, work):
    source.start()
    try:
        work()
        return source.peak()
    finally:
        source.stop()


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


def test_memory_freed_meanwhile_is_added(tmp_path):
    (tmp_path / "smaps").write_text(SMAPS)
    (tmp_path / "status").write_text("Name:\tx\nVmHWM:\t  5000 kB\nVmRSS:\t  3000 kB\n")
    touched = TouchedPages(tmp_path)
    assert touched.works()
    assert touched.peak() == (620 + 2000) * 1024
    assert (tmp_path / "clear_refs").read_text() == "1"


def test_a_kernel_without_the_files_is_noticed(tmp_path):
    assert not TouchedPages(tmp_path / "none").works()
    (tmp_path / "smaps").write_text(SMAPS)
    (tmp_path / "status").write_text("Name:\tx\n")
    assert not TouchedPages(tmp_path).works()


@pages
@pytest.mark.parametrize("mib", [16, 64])
def test_memory_that_is_allocated_and_freed(mib):
    size = peak(TouchedPages(), lambda: np.ones(mib * MIB, np.uint8).sum())
    assert mib * MIB <= size <= (mib + NOISE_MIB) * MIB


@pages
def test_memory_allocated_before_counts_if_it_is_used():
    pool = np.ones(64 * MIB, np.uint8)
    assert peak(TouchedPages(), lambda: None) < NOISE_MIB * MIB
    # Huge pages may round either end.
    assert 28 * MIB <= peak(TouchedPages(), lambda: pool[: 32 * MIB].fill(2)) <= 42 * MIB


@pages
def test_earlier_larger_work_does_not_hide_later_smaller_work():
    peak(TouchedPages(), lambda: np.ones(96 * MIB, np.uint8).sum())
    later = peak(TouchedPages(), lambda: np.ones(24 * MIB, np.uint8).sum())
    assert 24 * MIB <= later <= 32 * MIB


def test_sampled_growth():
    kept = []
    sampled = SampledSize()
    size = peak(sampled, lambda: kept.append(np.ones(48 * MIB, np.uint8)))
    assert 40 * MIB <= size <= 64 * MIB
    assert sampled._thread is None


class FakeAllocator:
    """Counts as a GPU's allocator does: bytes in use, and the most of them since a reset."""

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


BACKENDS: dict[str, tuple[Any, Any]] = {
    "tensorflow": (tensorflow, TensorFlowAllocator),
    "torch": (torch, TorchAllocator),
    "jax": (jax, JaxAllocator),
}


@pytest.mark.parametrize("name", BACKENDS)
def test_the_source_is_the_loaded_backends_gpu(monkeypatch, name):
    library, kind = BACKENDS[name]
    allocator = FakeAllocator()
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: name))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, name, library(allocator))
    source = peak_source()
    assert isinstance(source, kind)
    assert source.on_gpu
    assert peak(source, lambda: allocator.work(500)) == 1500
    later = peak(source, lambda: allocator.work(400))
    assert later == (1400 if source.resettable else 1500)
    assert source.resettable == (name != "jax")


def test_jax_without_statistics():
    device = SimpleNamespace(memory_stats=lambda: None)
    allocator = JaxAllocator(SimpleNamespace(local_devices=lambda: [device]))
    with pytest.raises(MemoryReadError, match="XLA_PYTHON_CLIENT_ALLOCATOR"):
        allocator.start()


def test_without_a_gpu_the_source_is_this_process(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    assert not peak_source().on_gpu
    monkeypatch.setattr(TouchedPages, "works", lambda _: False)
    assert isinstance(peak_source(), SampledSize)

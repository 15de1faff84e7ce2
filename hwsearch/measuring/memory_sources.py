"""Where the peak memory of a piece of work is read: a GPU's allocator, or the pages it touches.

On a GPU the framework's allocator reports the most memory that was in use since a reset; memory
that the framework merely reserved is not counted. The value covers all of this process: weights,
inputs, activations.

- TensorFlow: `tf.config.experimental.reset_memory_stats`, `get_memory_info` (its API reference).
- torch: `torch.cuda.reset_peak_memory_stats`, `max_memory_allocated` (its API reference).
- JAX: `Device.memory_stats()["peak_bytes_in_use"]`, which cannot be reset: it is correct for a
  process that runs one network, inference before training, as jobs here do.

On a CPU a framework keeps memory that it once allocated (TensorFlow's allocators never return
it), so the growth of the process does not show what its second network needs. Instead the kernel
is told to forget which pages were used (`/proc/self/clear_refs`: 1), and asked afterwards which of
this process' anonymous pages were (`Referenced` in `/proc/self/smaps`; proc_pid_smaps(5)). Memory
that was allocated and freed meanwhile shows in the peak resident size, which is reset too (5).
`hwsearch.measuring.peak_memory` subtracts what an idle interpreter and a network of one neuron
touch. Known sizes are read about 1 MiB too high. Fresh processes agree within 0.3 %, but what a
process ran before can change a reading by more than a tenth (benchmarks/measuring/memory.py), so
each network is measured in a process of its own. Weights and inputs count; files that the work only
reads through a memory mapping do not.
"""

from __future__ import annotations

import abc
import gc
import re
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError

PROC = Path("/proc/self")
MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ (\S{4}) \S+ \S+ (\d+)\s*(.*)")


class MemoryReadError(UserError):
    """The device does not report the memory in use."""


class PeakSource(abc.ABC):
    """Reads the peak memory since a moment.

    Attributes:
        field: What is read, by its maker's name.
        on_gpu: Whether it is the allocator of a GPU.
        resettable: Whether `start` separates the peak of later work in this process from that of
            earlier work.
    """

    field: str
    on_gpu = True
    resettable = True

    @abc.abstractmethod
    def start(self) -> None:
        """The peak counts from here."""

    @abc.abstractmethod
    def peak(self) -> int:
        """The most bytes in use since `start`.

        Raises:
            MemoryReadError: The device does not report it.
        """

    def stop(self) -> None:  # noqa: B027  - most sources have nothing to stop
        """Stops what `start` started."""


class TouchedPages(PeakSource):
    """Anonymous memory of this process that was used since `start`, from the Linux kernel.

    Args:
        proc: `/proc/self`, or a recorded copy.
    """

    field = "pages touched (/proc/self/smaps)"
    on_gpu = False

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc

    def works(self) -> bool:
        """Whether this kernel offers the files and lets the process use them."""
        try:
            self.start()
            self.peak()
        except (OSError, ValueError, KeyError):
            return False
        return True

    def start(self) -> None:
        """Marks all pages as unused, and sets the peak resident size to the present size."""
        gc.collect()
        for command in ("5", "1"):
            (self._proc / "clear_refs").write_text(command)

    def peak(self) -> int:
        """Bytes of the pages used since `start`, and of those freed again."""
        status = _sizes(self._proc / "status", ("VmHWM", "VmRSS"))
        freed = max(0, status["VmHWM"] - status["VmRSS"])
        return referenced((self._proc / "smaps").read_text(errors="replace")) + freed


def referenced(smaps: str) -> int:
    """Bytes marked as used in private mappings without a file (heap, stacks, allocators' pools)."""
    total, counts = 0, False
    for line in smaps.splitlines():
        mapping = MAPPING.match(line)
        if mapping:
            mode, inode, name = mapping.groups()
            counts = mode[3] == "p" and inode == "0" and name not in {"[vdso]", "[vvar]"}
        elif counts and line.startswith("Referenced:"):
            total += int(line.split()[1]) * 1024
    return total


def _sizes(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Sizes in bytes from a file with lines like `VmRSS:  1234 kB`."""
    sizes = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name in names:
            sizes[name] = int(value.split()[0]) * 1024
    return {name: sizes[name] for name in names}


class SampledSize(PeakSource):
    """Growth of the process' resident size, read every millisecond: if the kernel offers no more.

    Too low if the framework reuses memory that it kept from earlier work.
    """

    field = "growth of the resident size, sampled"
    on_gpu = False

    def __init__(self, interval_s: float = 0.001) -> None:
        self._interval_s = interval_s
        self._before = self._most = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts a thread that reads the size."""
        gc.collect()
        self.stop()
        self._before = self._most = _resident()
        self._end.clear()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(self._interval_s):
            self._most = max(self._most, _resident())

    def peak(self) -> int:
        """Bytes by which the process grew at most since `start`."""
        self._most = max(self._most, _resident())
        return self._most - self._before

    def stop(self) -> None:
        """Ends the thread."""
        if self._thread is not None:
            self._end.set()
            self._thread.join()
            self._thread = None


def _resident() -> int:
    import psutil  # noqa: PLC0415 - only if the kernel offers no more

    return int(psutil.Process().memory_info().rss)


class TensorFlowAllocator(PeakSource):
    """TensorFlow's GPU allocator."""

    field = "tf.config.experimental.get_memory_info"

    def __init__(self, tensorflow: Any, device: str = "GPU:0") -> None:
        self._config = tensorflow.config.experimental
        self._device = device

    def start(self) -> None:
        """Resets the allocator's peak."""
        self._config.reset_memory_stats(self._device)

    def peak(self) -> int:
        """Bytes in use at most since `start`."""
        return int(self._config.get_memory_info(self._device)["peak"])


class TorchAllocator(PeakSource):
    """PyTorch's CUDA allocator."""

    field = "torch.cuda.max_memory_allocated"

    def __init__(self, torch: Any) -> None:
        self._cuda = torch.cuda

    def start(self) -> None:
        """Waits for the device, and resets the allocator's peak."""
        self._cuda.synchronize()
        self._cuda.reset_peak_memory_stats()

    def peak(self) -> int:
        """Bytes in use at most since `start`."""
        self._cuda.synchronize()
        return int(self._cuda.max_memory_allocated())


class JaxAllocator(PeakSource):
    """JAX' allocator on its first GPU; the peak is that of the process' whole life."""

    field = "jax Device.memory_stats (peak of the process' life)"
    resettable = False

    def __init__(self, jax: Any) -> None:
        self._device = jax.local_devices()[0]

    def start(self) -> None:
        """Checks that the device reports its memory."""
        self.peak()

    def peak(self) -> int:
        """Bytes in use at most since the process began."""
        stats = self._device.memory_stats()
        if not stats or "peak_bytes_in_use" not in stats:
            raise MemoryReadError(
                "memory: JAX does not report memory use for this device; "
                "unset XLA_PYTHON_CLIENT_ALLOCATOR"
            )
        return int(stats["peak_bytes_in_use"])


def peak_source() -> PeakSource:
    """The source for work of this process: the loaded Keras backend's GPU, otherwise the CPU."""
    gpu = _gpu_source()
    if gpu is not None:
        return gpu
    pages = TouchedPages()
    return pages if pages.works() else SampledSize()


def _gpu_source() -> PeakSource | None:
    """The allocator of the loaded backend's GPU; None without one. Loads no library."""
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if keras is not None else ""
    library: Any = sys.modules.get(backend)
    if library is None:
        return None
    if backend == "tensorflow" and library.config.list_physical_devices("GPU"):
        return TensorFlowAllocator(library)
    if backend == "torch" and library.cuda.is_available():
        return TorchAllocator(library)
    if backend == "jax" and library.default_backend() not in {"cpu", "tpu"}:
        return JaxAllocator(library)
    return None

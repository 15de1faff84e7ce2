"""Peak memory of a piece of work: the GPU allocator's own peak, or on a CPU what the work touches.

On a GPU the framework's allocator says what was in use at most since a reset; what the framework
merely reserved is not counted. It holds everything of this process: weights, inputs, activations.

- TensorFlow: `tf.config.experimental.reset_memory_stats`, `get_memory_info` (its API reference).
- torch: `torch.cuda.reset_peak_memory_stats`, `max_memory_allocated` (its API reference).
- JAX: `Device.memory_stats()["peak_bytes_in_use"]`, which cannot be reset: one network a process.

On a CPU a framework keeps what it once took (TensorFlow's allocators never give back), so the
growth of the process says nothing about the second network in it. Instead the kernel is told to
forget which pages were used (`/proc/self/clear_refs`: 1) and asked afterwards which of this
process' anonymous pages were (`Referenced` in `/proc/self/smaps`; proc_pid_smaps(5)); memory that
was taken and given back meanwhile shows in the peak resident size, which is reset too (5). What
an idle interpreter and a network of one neuron touch is taken off by `inference_peak`. Repeated
readings agree within 0.5 MiB, and known sizes are read about 1 MiB too high, whatever ran before in
the same process (benchmarks/measuring/memory.py). Weights and inputs count;
what the work only reads from files mapped into memory does not.
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

from hwsearch.meters.device import Device
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError

PROC = Path("/proc/self")
MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ (\S{4}) \S+ \S+ (\d+)\s*(.*)")


class Source(abc.ABC):
    """Something that knows the peak since a moment.

    Attributes:
        field: What is read, by its maker's name.
        on_gpu: Whether it is a GPU's allocator.
        forgets: Whether the peak of earlier work in this process can be told from that of later.
    """

    field: str
    on_gpu = True
    forgets = True

    @abc.abstractmethod
    def start(self) -> None:
        """Forgets what was."""

    @abc.abstractmethod
    def peak(self) -> int:
        """Bytes since `start`."""

    def stop(self) -> None:  # noqa: B027  - most have nothing to end
        """Ends what `start` began."""


class TouchedPages(Source):
    """Anonymous memory of this process that was used since `start`, from the Linux kernel.

    Args:
        proc: `/proc/self`, or a recorded tree.
    """

    field = "pages touched (/proc/self/smaps)"
    on_gpu = False

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc

    def works(self) -> bool:
        """Whether this kernel lets the process ask."""
        try:
            self.start()
            self.peak()
        except (OSError, ValueError, KeyError):
            return False
        return True

    def start(self) -> None:
        """Forgets what was."""
        gc.collect()
        for command in ("5", "1"):  # the peak resident size := the resident size; nothing used yet
            (self._proc / "clear_refs").write_text(command)

    def peak(self) -> int:
        """Bytes since `start`."""
        status = _fields(self._proc / "status", ("VmHWM", "VmRSS"))
        given_back = max(0, status["VmHWM"] - status["VmRSS"])
        return referenced((self._proc / "smaps").read_text(errors="replace")) + given_back


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


def _fields(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Sizes in bytes from a file with lines like `VmRSS:  1234 kB`."""
    found = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name in names:
            found[name] = int(value.split()[0]) * 1024
    return {name: found[name] for name in names}


class SampledSize(Source):
    """Growth of the process' resident size, seen every millisecond: where the kernel says no more.

    Too low where the framework uses memory again that it kept from earlier work.
    """

    field = "growth of the resident size, sampled"
    on_gpu = False

    def __init__(self, interval_s: float = 0.001) -> None:
        self._interval_s = interval_s
        self._before = self._most = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Forgets what was."""
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
        """Bytes since `start`."""
        self._most = max(self._most, _resident())
        return self._most - self._before

    def stop(self) -> None:
        """Ends the thread."""
        if self._thread is not None:
            self._end.set()
            self._thread.join()
            self._thread = None


def _resident() -> int:
    import psutil  # noqa: PLC0415  - only where it is needed

    return int(psutil.Process().memory_info().rss)


class TensorFlowAllocator(Source):
    """TensorFlow's GPU allocator."""

    field = "tf.config.experimental.get_memory_info"

    def __init__(self, tensorflow: Any, device: str = "GPU:0") -> None:
        self._config = tensorflow.config.experimental
        self._device = device

    def start(self) -> None:
        """Forgets what was."""
        self._config.reset_memory_stats(self._device)

    def peak(self) -> int:
        """Bytes since `start`."""
        return int(self._config.get_memory_info(self._device)["peak"])


class TorchAllocator(Source):
    """PyTorch's CUDA allocator."""

    field = "torch.cuda.max_memory_allocated"

    def __init__(self, torch: Any) -> None:
        self._cuda = torch.cuda

    def start(self) -> None:
        """Forgets what was."""
        self._cuda.synchronize()
        self._cuda.reset_peak_memory_stats()

    def peak(self) -> int:
        """Bytes since `start`."""
        self._cuda.synchronize()
        return int(self._cuda.max_memory_allocated())


class JaxAllocator(Source):
    """JAX' allocator of its first GPU. Its peak cannot be reset: it is that of the process' life.

    Right for a process that runs one network, inference before training, as jobs here do.
    """

    field = "jax Device.memory_stats (peak of the process' life)"
    forgets = False

    def __init__(self, jax: Any) -> None:
        self._device = jax.local_devices()[0]

    def start(self) -> None:
        """Sees whether the device tells."""
        self.peak()

    def peak(self) -> int:
        """Bytes since the process began."""
        stats = self._device.memory_stats()
        if not stats or "peak_bytes_in_use" not in stats:
            raise MeterReadError(
                "memory",
                "JAX does not tell the memory in use on this device",
                "unset XLA_PYTHON_CLIENT_ALLOCATOR",
            )
        return int(stats["peak_bytes_in_use"])


def source(device: Device | None = None) -> Source:
    """Where this process' work takes its memory: the Keras backend's GPU, else the CPU.

    Args:
        device: None = whatever the Keras backend that is loaded runs on.

    Raises:
        MeterUnavailableError: A GPU is asked for that the backend does not use.
    """
    gpu = _gpu_source() if device is None or device.kind == "gpu" else None
    if gpu is not None:
        return gpu
    if device is not None and device.kind == "gpu":
        raise MeterUnavailableError(
            "memory",
            f"the Keras backend of this process does not run on {device}",
            "set KERAS_BACKEND to one that was installed with GPU support",
        )
    pages = TouchedPages()
    return pages if pages.works() else SampledSize()


def _gpu_source() -> Source | None:
    """The allocator of the loaded backend's GPU; None without one. Loads nothing."""
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

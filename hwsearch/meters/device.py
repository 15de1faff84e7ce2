"""Which device a job runs on, by a name that drivers, tools and CUDA agree on.

CUDA, NVML and nvidia-smi number GPUs each in their own way; a UUID means the same to all. What
counts for the job is CUDA_VISIBLE_DEVICES (indices, UUIDs or the starts of them, MIG slices; CUDA
programming guide, "CUDA Environment Variables"): of the devices in it the first is the job's.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwsearch.errors import UserError


class DeviceError(UserError):
    """It cannot be told, or not be had, which device the job is to run on."""


@dataclass(frozen=True, slots=True)
class Device:
    """A processor that networks run on.

    Attributes:
        kind: `cpu` or `gpu`.
        name: By its maker.
        uuid: `GPU-...`, or `MIG-...` for a slice of one; "" for a CPU.
        index: Position in NVML's and nvidia-smi's order (PCI bus order); 0 for a CPU.
    """

    kind: str
    name: str
    uuid: str = ""
    index: int = 0

    @property
    def is_mig(self) -> bool:
        """Whether it is a slice of a GPU, which has no power reading of its own."""
        return self.uuid.startswith("MIG-")

    def __str__(self) -> str:
        return f"{self.name} ({self.uuid})" if self.uuid else self.name


def cpu() -> Device:
    """This machine's processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            name = next((line for line in file if line.startswith("model name")), "")
    except OSError:
        name = ""
    return Device("cpu", name.partition(":")[2].strip() or platform.processor() or "CPU")


def job_gpu(gpus: Sequence[Device], environ: Mapping[str, str] | None = None) -> Device:
    """The GPU that a framework's first GPU is.

    Args:
        gpus: All GPUs of the machine in NVML's order.
        environ: None = this process' environment.

    Raises:
        DeviceError: None is visible, or it cannot be told which.
    """
    environ = os.environ if environ is None else environ
    visible = visible_gpus(environ, gpus)
    if not visible:
        setting = environ.get("CUDA_VISIBLE_DEVICES")
        why = f" (CUDA_VISIBLE_DEVICES={setting})" if setting is not None else ""
        raise DeviceError(f"no GPU is visible to this job{why}")
    return visible[0]


def visible_gpus(environ: Mapping[str, str], gpus: Sequence[Device]) -> list[Device]:
    """The GPUs that CUDA shows this job, in its order.

    As CUDA does, the list ends at the first entry that names no device.

    Args:
        environ: The job's environment.
        gpus: All GPUs in NVML's order.

    Raises:
        DeviceError: An index where CUDA's order of unlike GPUs is not known; a UUID's start that
            fits several; the same device twice.
    """
    setting = environ.get("CUDA_VISIBLE_DEVICES")
    if setting is None:
        if len(gpus) > 1:
            _check_order(environ, gpus)
        return list(gpus)
    visible: list[Device] = []
    for entry in (part.strip() for part in setting.split(",")):
        device = _entry(entry, environ, gpus)
        if device is None:
            break
        if device in visible:
            raise DeviceError(f"CUDA_VISIBLE_DEVICES={setting}: {device} is in it twice")
        visible.append(device)
    return visible


def _entry(entry: str, environ: Mapping[str, str], gpus: Sequence[Device]) -> Device | None:
    if entry.startswith("MIG-"):
        return _mig(entry, gpus)
    if entry.startswith("GPU-"):
        fits = [gpu for gpu in gpus if gpu.uuid.lower().startswith(entry.lower())]
        if len(fits) > 1:
            raise DeviceError(
                f"CUDA_VISIBLE_DEVICES: {entry} is the start of {len(fits)} GPUs' UUIDs: "
                f"{', '.join(gpu.uuid for gpu in fits)}"
            )
        return fits[0] if fits else None
    if not (entry.isascii() and entry.isdigit()) or int(entry) >= len(gpus):
        return None  # "", -1, NoDevFiles, no such GPU
    if len(gpus) > 1:
        _check_order(environ, gpus)
    return gpus[int(entry)]


def _mig(entry: str, gpus: Sequence[Device]) -> Device:
    """A slice: `MIG-<uuid>`, or before driver 470 `MIG-GPU-<uuid>/<instance>/<compute>`."""
    parent = next((g for g in gpus if g.uuid and entry.startswith(f"MIG-{g.uuid}/")), None)
    name = f"MIG slice of {parent.name}" if parent else "MIG slice"
    return Device("gpu", name, entry, parent.index if parent else -1)


def _check_order(environ: Mapping[str, str], gpus: Sequence[Device]) -> None:
    """Indices are safe if CUDA counts along the PCI bus, or if the GPUs are all of one kind."""
    if environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({gpu.name for gpu in gpus}) == 1:
        return
    raise DeviceError(
        "this machine has GPUs of several kinds, which CUDA numbers fastest first and nvidia-smi "
        "by PCI bus; set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name the GPU by its UUID in "
        "CUDA_VISIBLE_DEVICES (nvidia-smi -L shows it)"
    )

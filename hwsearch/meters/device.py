"""Which device a job runs on, identified by a name that drivers, tools and CUDA agree on.

CUDA, NVML and nvidia-smi each number GPUs in their own way; a UUID means the same to all of them.
A job runs on the first device in CUDA_VISIBLE_DEVICES (indices, UUIDs or the beginnings of UUIDs,
MIG slices; CUDA programming guide, "CUDA Environment Variables").
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwsearch.errors import UserError


class DeviceError(UserError):
    """The job's device is ambiguous or unavailable."""


@dataclass(frozen=True, slots=True)
class Device:
    """A processor that networks run on.

    Attributes:
        kind: `cpu` or `gpu`.
        name: The maker's name for it.
        uuid: `GPU-...`, or `MIG-...` for a slice of a GPU; "" for a CPU.
        index: Position in the order of NVML and nvidia-smi (PCI bus order); 0 for a CPU.
        cpus: Number of logical CPUs that networks may use; 0 for a GPU.
    """

    kind: str
    name: str
    uuid: str = ""
    index: int = 0
    cpus: int = 0

    @property
    def is_mig(self) -> bool:
        """Whether it is a slice of a GPU, which has no power reading of its own."""
        return self.uuid.startswith("MIG-")

    def __str__(self) -> str:
        return f"{self.name} ({self.uuid})" if self.uuid else with_cpus(self.name, self.cpus)


def with_cpus(name: str, cpus: int) -> str:
    """A device's name with the number of its logical CPUs; 0 = a GPU, or unknown."""
    return f"{name} ({cpus} logical CPU{'' if cpus == 1 else 's'})" if cpus else name


def job_gpu(gpus: Sequence[Device], environ: Mapping[str, str] | None = None) -> Device:
    """The GPU that a framework uses as its first.

    Args:
        gpus: All GPUs of the machine in NVML's order.
        environ: None = the environment of this process.

    Raises:
        DeviceError: No GPU is visible, or it is ambiguous which is the first.
    """
    environ = os.environ if environ is None else environ
    visible = visible_gpus(environ, gpus)
    if not visible:
        setting = environ.get("CUDA_VISIBLE_DEVICES")
        why = f" (CUDA_VISIBLE_DEVICES={setting})" if setting is not None else ""
        raise DeviceError(f"no GPU is visible to this job{why}")
    return visible[0]


def visible_gpus(environ: Mapping[str, str], gpus: Sequence[Device]) -> list[Device]:
    """The GPUs that CUDA shows to this job, in CUDA's order.

    As in CUDA, the list ends at the first entry that does not name a device.

    Args:
        environ: The job's environment.
        gpus: All GPUs in NVML's order.

    Raises:
        DeviceError: An index among different GPUs whose order in CUDA is unknown; a beginning of
            several UUIDs; the same device twice.
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
            raise DeviceError(
                f"CUDA_VISIBLE_DEVICES={setting}: got {device} twice; expected each GPU once"
            )
        visible.append(device)
    return visible


def _entry(entry: str, environ: Mapping[str, str], gpus: Sequence[Device]) -> Device | None:
    if entry.startswith("MIG-"):
        return _mig(entry, gpus)
    if entry.startswith("GPU-"):
        fits = [gpu for gpu in gpus if gpu.uuid.lower().startswith(entry.lower())]
        if len(fits) > 1:
            raise DeviceError(
                f"CUDA_VISIBLE_DEVICES: got {entry}, which begins {len(fits)} UUIDs; expected one "
                f"of {', '.join(gpu.uuid for gpu in fits)}"
            )
        return fits[0] if fits else None
    if not (entry.isascii() and entry.isdigit()) or int(entry) >= len(gpus):
        return None  # "", -1, NoDevFiles, no such GPU
    if len(gpus) > 1:
        _check_order(environ, gpus)
    return gpus[int(entry)]


def _mig(entry: str, gpus: Sequence[Device]) -> Device:
    """A slice: `MIG-<uuid>`; before driver 470 `MIG-GPU-<uuid>/<instance>/<compute>`."""
    parent = next((g for g in gpus if g.uuid and entry.startswith(f"MIG-{g.uuid}/")), None)
    name = f"MIG slice of {parent.name}" if parent else "MIG slice"
    return Device("gpu", name, entry, parent.index if parent else -1)


def _check_order(environ: Mapping[str, str], gpus: Sequence[Device]) -> None:
    """Checks that an index means the same to CUDA and NVML.

    It does if CUDA numbers GPUs by PCI bus, or if all of them are of one model.

    Raises:
        DeviceError: It may not.
    """
    if environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({gpu.name for gpu in gpus}) == 1:
        return
    raise DeviceError(
        "this machine has GPUs of different models, which CUDA numbers by speed and nvidia-smi by "
        "PCI bus; set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name the GPU by its UUID in "
        "CUDA_VISIBLE_DEVICES (nvidia-smi -L shows it)"
    )

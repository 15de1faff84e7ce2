"""Which GPUs this machine has, and on which device a load runs."""

from __future__ import annotations

from hwsearch.meters import nvidia_smi, nvml
from hwsearch.meters.device import Device, job_gpu
from hwsearch.meters.processor import cpu


def installed() -> list[Device]:
    """All NVIDIA GPUs in NVML's order; [] without a driver."""
    return nvml.devices() or nvidia_smi.devices()


def device_of(load: object) -> Device:
    """The device on which a load runs.

    Its attribute `on_gpu` determines the kind, the environment which GPU. A GPU that no NVIDIA
    driver lists (a Jetson's, or another maker's) has no UUID here.

    Raises:
        DeviceError: It is ambiguous or unavailable.
    """
    if not getattr(load, "on_gpu", False):
        return cpu()
    gpus = installed()
    return job_gpu(gpus) if gpus else Device("gpu", "GPU")

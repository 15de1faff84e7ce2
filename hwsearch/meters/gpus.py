"""Which GPUs this machine has, and which one a load runs on: above the meters that list them."""

from __future__ import annotations

from hwsearch.meters import nvidia_smi, nvml
from hwsearch.meters.device import Device, cpu, job_gpu


def installed() -> list[Device]:
    """All NVIDIA GPUs in NVML's order; [] without a driver."""
    return nvml.devices() or nvidia_smi.devices()


def device_of(load: object) -> Device:
    """Where a load runs: its `on_gpu` says what kind, the environment which one.

    A GPU that no NVIDIA driver lists (a Jetson's, another maker's) has no UUID here.
    """
    if not getattr(load, "on_gpu", False):
        return cpu()
    gpus = installed()
    return job_gpu(gpus) if gpus else Device("gpu", "GPU")

"""Which GPU a meter of GPUs is to read; refuses what has no power of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence

from hwsearch.meters.device import Device, DeviceError, job_gpu
from hwsearch.meters.protocol import MeterUnavailableError


def whole_gpu(meter: str, device: Device | None, gpus: Sequence[Device]) -> Device:
    """The installed GPU that `device` is, by its UUID.

    Args:
        meter: Its name, for errors.
        device: None or without a UUID = the job's own.
        gpus: The machine's.

    Raises:
        MeterUnavailableError: A CPU, a MIG slice, or not there.
    """
    if device is not None and device.kind != "gpu":
        raise MeterUnavailableError(
            meter,
            f"the job runs on the CPU ({device}), whose power a GPU's meter does not show",
            "install the Keras backend with GPU support, or set KERAS_BACKEND to one that has it",
        )
    try:
        if device is None or not device.uuid:
            device = job_gpu(gpus)
    except DeviceError as error:
        raise MeterUnavailableError(meter, str(error)) from error
    if device.is_mig:
        raise MeterUnavailableError(
            meter,
            f"{device} is a MIG slice, which has no power reading of its own",
            "use a whole GPU with MIG turned off",
        )
    for gpu in gpus:
        if gpu.uuid == device.uuid:
            return gpu
    raise MeterUnavailableError(meter, f"the driver knows no GPU {device.uuid}")


def refuse_mig_mode(meter: str, gpu: Device) -> None:
    """Raises MeterUnavailableError: the GPU is cut into slices."""
    raise MeterUnavailableError(
        meter,
        f"{gpu} is in MIG mode: its power is that of all its slices together",
        "use a GPU with MIG turned off",
    )


#: NVIDIA's own account of its sensors.
COVERS = "the whole board, within about 5%; not the wall"


def foreign(processes: Collection[int]) -> tuple[int, ...] | None:
    """Other processes than this one; None where it cannot be told which are.

    In a container the driver gives the host's ids, one of them ours, unknown which; or none at all.
    """
    ids = set(processes)
    if os.getpid() not in ids and len(ids) < 2:
        return None
    return tuple(sorted(ids - {os.getpid()}))


#: Chips by marketing name, as far as they decide what the plain power field means.
INSTANT = re.compile(
    r"\b(A100|A800|A30|G?V100|TITAN (V|Xp?|RTX)|T4|P100|P40|P4"
    r"|RTX 20\d\d|GTX 1[06]\d\d|Quadro (RTX|G?[PV]\d+))\b"
)
CREEPING = re.compile(r"\b(K10|K20\w?|K40\w?|K80|M40|M60|GTX [79]\d\d|Quadro [KM]\d+)\b")
INSTANT_AVERAGING_S = 0.1  # 25 ms on A100 and H100, up to 100 ms on others (arXiv 2312.02741)


def plain_power_averaging(name: str) -> tuple[float, float]:
    """Averaging and extra settling time, in seconds, of the plain power field of a GPU.

    "On Ampere (except GA100) or newer GPUs, the API returns power averaged over 1 sec interval"
    (NVML reference, nvmlDeviceGetPowerUsage). Kepler's and Maxwell's readings creep up like a
    charging capacitor (arXiv 2312.02741). An unknown GPU is taken for a slow one.
    """
    if CREEPING.search(name):
        return INSTANT_AVERAGING_S, 1.0
    return (INSTANT_AVERAGING_S if INSTANT.search(name) else 1.0), 0.0

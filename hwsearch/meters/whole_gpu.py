"""Which GPU a meter reads; devices without a power reading of their own are refused."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence

from hwsearch.meters.device import Device, DeviceError, job_gpu
from hwsearch.meters.protocol import MeterUnavailableError


def whole_gpu(meter: str, device: Device | None, gpus: Sequence[Device]) -> Device:
    """Finds a device among the installed GPUs by its UUID.

    Args:
        meter: The meter's name, for errors.
        device: None or without a UUID = the GPU of this job.
        gpus: All GPUs of the machine.

    Raises:
        MeterUnavailableError: The device is a CPU, a MIG slice, or not installed.
    """
    if device is not None and device.kind != "gpu":
        raise MeterUnavailableError(
            meter,
            f"the job runs on the CPU ({device}), and this meter reads GPUs",
            "install the Keras backend with GPU support, or select another by KERAS_BACKEND",
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
    raise MeterUnavailableError(meter, f"the driver lists no GPU {device.uuid}")


def refuse_mig_mode(meter: str, gpu: Device) -> None:
    """Raises MeterUnavailableError: the GPU is divided into MIG slices."""
    raise MeterUnavailableError(
        meter,
        f"{gpu} is in MIG mode: its power reading is the sum of all slices",
        "use a GPU with MIG turned off",
    )


#: As NVIDIA describes its sensors.
COVERS = "the whole board, within about 5%; not at the wall socket"


def foreign(processes: Collection[int]) -> tuple[int, ...] | None:
    """Processes other than this one; None if they cannot be distinguished from it.

    In a container the driver reports either the host's process ids, of which one is this process
    under an unknown number, or none at all.
    """
    ids = set(processes)
    if os.getpid() not in ids and len(ids) < 2:
        return None
    return tuple(sorted(ids - {os.getpid()}))


# GPUs by marketing name, as far as it determines what the plain power field means.
INSTANT = re.compile(
    r"\b(A100|A800|A30|G?V100|TITAN (V|Xp?|RTX)|T4|P100|P40|P4"
    r"|RTX 20\d\d|GTX 1[06]\d\d|Quadro (RTX|G?[PV]\d+))\b"
)
SLOWLY_RISING = re.compile(r"\b(K10|K20\w?|K40\w?|K80|M40|M60|GTX [79]\d\d|Quadro [KM]\d+)\b")
INSTANT_AVERAGING_S = 0.1  # 25 ms on A100 and H100, up to 100 ms on others (arXiv 2312.02741)


def plain_power_averaging(name: str) -> tuple[float, float]:
    """Averaging time and additional settling time of a GPU's plain power field, in seconds.

    "On Ampere (except GA100) or newer GPUs, the API returns power averaged over 1 sec interval"
    (NVML reference, nvmlDeviceGetPowerUsage). On Kepler and Maxwell the readings rise slowly,
    like the voltage of a charging capacitor (arXiv 2312.02741). An unknown GPU is assumed to be
    one with 1 s averages.
    """
    if SLOWLY_RISING.search(name):
        return INSTANT_AVERAGING_S, 1.0
    return (INSTANT_AVERAGING_S if INSTANT.search(name) else 1.0), 0.0

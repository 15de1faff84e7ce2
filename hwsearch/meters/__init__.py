"""Sources of power and energy readings: one per file, behind the interface in `protocol.py`.

To add a meter, see `hwsearch.meters.protocol`; add its class to `REGISTRY`, and a case to
`tests/hwsearch/meters/test_conformance.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from hwsearch.errors import UserError, did_you_mean
from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import DeviceState, Meter, MeterUnavailableError

#: Best first: `auto` takes the first that works. Each module is loaded only when it is needed.
REGISTRY: dict[str, str] = {
    "nvml": "hwsearch.meters.nvml:NvmlMeter",
    "nvidia_smi": "hwsearch.meters.nvidia_smi:NvidiaSmiMeter",
    "jetson": "hwsearch.meters.jetson:JetsonMeter",
    "rapl": "hwsearch.meters.rapl:RaplMeter",
    "replay": "hwsearch.meters.replay:ReplayMeter",
}
RECORDED = "replay"  # only by its name: `auto` never takes recorded readings
FILE = f"{RECORDED}:"
#: Metrics that every machine can measure or compute, without a meter.
WITHOUT_METER = ("memory", "runtime", "params", "macs")


def create(name: str, device: Device | None = None, clock: Clock = REAL_CLOCK) -> Meter:
    """Creates the meter of that name, whether or not it works here.

    Args:
        name: One of `REGISTRY`, or `replay:FILE`.
        device: The device to measure; None = the device of this job.
        clock: Gives the times of its readings.

    Raises:
        UserError: There is no such meter; lists the names.
    """
    if name.startswith(FILE):
        from hwsearch.meters.replay import ReplayMeter  # noqa: PLC0415 - loaded only if needed

        return ReplayMeter(device, clock, name.removeprefix(FILE))
    if name not in REGISTRY:
        valid = ["auto", *REGISTRY]
        raise UserError(
            f"--meter: got {name!r}; expected one of {', '.join(valid)} or {FILE}FILE"
            + did_you_mean(name, valid)
        )
    module, _, cls = REGISTRY[name].partition(":")
    meter: Meter = getattr(importlib.import_module(module), cls)(device, clock)
    return meter


def all_meters(device: Device | None = None, clock: Clock = REAL_CLOCK) -> list[Meter]:
    """One meter of every kind, best first."""
    return [create(name, device, clock) for name in REGISTRY]


def choose(name: str, device: Device | None = None, clock: Clock = REAL_CLOCK) -> Meter:
    """The meter that measures power and energy here; either of its channels gives both.

    Args:
        name: A meter's name; or `auto` = the first of `REGISTRY` that works, but no recording.
        device: The device to measure; None = the device of this job.
        clock: Gives the times of its readings.

    Raises:
        UserError: There is no such meter.
        MeterUnavailableError: It does not work here; one line that says what can be measured.
    """
    if name != "auto":
        meter = create(name, device, clock)
        availability = meter.available()
        if availability.ok:
            return meter
        hint = f" ({availability.remedy})" if availability.remedy else ""
        alternatives = f"this machine can measure: {', '.join(measurable(device, clock))}"
        raise MeterUnavailableError(
            name, f"{availability.reason}{hint}", alternatives + _recording(device, clock)
        )
    reasons = []
    for meter in all_meters(device, clock):
        if meter.name == RECORDED:
            continue
        availability = meter.available()
        if availability.ok:
            return meter
        reasons.append(f"{meter.name}: {availability.reason}")
    raise MeterUnavailableError(
        name,
        f"this machine cannot measure power and energy ({'; '.join(reasons)})",
        f"it can measure: {', '.join(WITHOUT_METER)}{_recording(device, clock)}",
    )


def observer(device: Device, clock: Clock = REAL_CLOCK) -> Callable[[], DeviceState]:
    """A function that returns the device's state, for profiles without a power meter."""
    if device.kind == "cpu":
        from hwsearch.meters.cpu_state import cpu_state  # noqa: PLC0415 - loaded only if needed

        return cpu_state
    for name in ("nvml", "nvidia_smi", "jetson"):
        meter = create(name, device, clock)
        if meter.available().ok:
            return meter.state
    return DeviceState


def measurable(device: Device | None = None, clock: Clock = REAL_CLOCK) -> list[str]:
    """The metrics that this machine can measure, or compute without measuring.

    A recording measures nothing, so it does not count.
    """
    meters = (meter for meter in all_meters(device, clock) if meter.name != RECORDED)
    metered = any(meter.available().ok for meter in meters)
    return [*(("power", "energy") if metered else ()), *WITHOUT_METER]


def _recording(device: Device | None, clock: Clock) -> str:
    """What to add to an error if HYPERPOWER_REPLAY is set; "" if it is not."""
    if not create(RECORDED, device, clock).available().ok:
        return ""
    return f"; --meter {RECORDED} takes power and energy from the recording"

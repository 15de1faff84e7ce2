"""Power, energy and memory of devices: one source of truth a file, behind `protocol.Meter`.

To add a meter: a module here with a subclass of `protocol.Meter`, a line in `REGISTRY`, and a case
in `tests/hwsearch/meters/test_conformance.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection

from hwsearch.errors import UserError
from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import Channel, DeviceState, Meter, MeterUnavailableError

# Best first: `auto` takes the first that works. Loaded only when asked for.
REGISTRY: dict[str, str] = {
    "nvml": "hwsearch.meters.nvml:NvmlMeter",
    "nvidia_smi": "hwsearch.meters.nvidia_smi:NvidiaSmiMeter",
    "jetson": "hwsearch.meters.jetson:JetsonMeter",
    "rapl": "hwsearch.meters.rapl:RaplMeter",
    "memory": "hwsearch.measuring.peak_memory:MemoryMeter",
    "replay": "hwsearch.meters.replay:ReplayMeter",
}
NEEDS = {"power": ("power", "energy"), "energy": ("energy", "power"), "memory": ("memory",)}


def create(name: str, device: Device | None = None, clock: Clock = REAL_CLOCK) -> Meter:
    """The meter of that name, whether it works here or not.

    Args:
        name: One of `REGISTRY`, or `replay:FILE`.
        device: Whose.
        clock: Gives the times of its readings.

    Raises:
        UserError: No such name; lists those that there are.
    """
    if name.startswith("replay:"):
        from hwsearch.meters.replay import ReplayMeter  # noqa: PLC0415 - as lazily as the others

        return ReplayMeter(device, clock, name.removeprefix("replay:"))
    if name not in REGISTRY:
        raise UserError(
            f"meter {name!r}: no such meter; there are: {', '.join(['auto', *REGISTRY])}"
        )
    module, _, cls = REGISTRY[name].partition(":")
    meter: Meter = getattr(importlib.import_module(module), cls)(device, clock)
    return meter


def every(device: Device | None = None, clock: Clock = REAL_CLOCK) -> list[Meter]:
    """All meters, best first."""
    return [create(name, device, clock) for name in REGISTRY]


def choose(
    name: str, metrics: Collection[str], device: Device | None = None, clock: Clock = REAL_CLOCK
) -> dict[str, Meter]:
    """A meter for each metric that needs one. `runtime` needs none, nor do unknown names.

    Args:
        name: A meter's name, which then measures power and energy or it is an error; or `auto`.
            Memory has one meter only, whatever the name.
        metrics: What is to be measured.
        device: Whose.
        clock: The meters' clock.

    Raises:
        UserError: No such meter.
        MeterUnavailableError: It cannot measure this here; one line that says what can be measured.
    """
    if name != "auto":
        create(name, device, clock)  # an unknown name is an error whatever is to be measured
    chosen: dict[str, Meter] = {}
    for metric in sorted(set(metrics) & set(NEEDS)):
        same = next((m for m in chosen.values() if _measures(m, metric)), None)
        chosen[metric] = same or _choose(name, metric, device, clock)
    return chosen


def observer(device: Device, clock: Clock = REAL_CLOCK) -> Callable[[], DeviceState]:
    """What tells a device's clocks, temperature and the like where no meter of power is in use."""
    if device.kind == "cpu":
        from hwsearch.meters.cpu_state import cpu_state  # noqa: PLC0415 - as lazily as the others

        return cpu_state
    for name in ("nvml", "nvidia_smi", "jetson"):
        meter = create(name, device, clock)
        if meter.available().ok:
            return meter.state
    return DeviceState


def _choose(name: str, metric: str, device: Device | None, clock: Clock) -> Meter:
    insists = name != "auto" and metric != "memory"
    names = [name] if insists else [n for n in REGISTRY if n != "replay"]
    reasons: list[str] = []
    for candidate in names:
        meter = create(candidate, device, clock)
        availability = meter.available()
        if availability.ok and _measures(meter, metric):
            return meter
        if insists:
            reason = availability.reason or f"does not measure {metric}"
            hint = f" ({availability.remedy})" if availability.remedy else ""
            raise MeterUnavailableError(candidate, f"{reason}{hint}", _alternatives(device, clock))
        if not availability.ok and metric in ("power", "energy") and candidate != "memory":
            reasons.append(f"{candidate}: {availability.reason}")
    raise MeterUnavailableError(
        name,
        f"this machine cannot measure {metric}" + (f" ({'; '.join(reasons)})" if reasons else ""),
        _alternatives(device, clock),
    )


def _alternatives(device: Device | None, clock: Clock) -> str:
    return f"it can measure: {', '.join(measurable(device, clock))}"


def measurable(device: Device | None = None, clock: Clock = REAL_CLOCK) -> list[str]:
    """The metrics that this machine can measure, or compute without measuring."""
    works = [meter for meter in every(device, clock) if meter.available().ok]
    metrics = [m for m in NEEDS if any(_measures(meter, m) for meter in works)]
    return [*metrics, "runtime", "params", "macs"]


def _measures(meter: Meter, metric: str) -> Channel | None:
    return next(filter(None, map(meter.channel, NEEDS[metric])), None)

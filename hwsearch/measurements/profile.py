"""How a network was measured: quantities, batch times, conditions, warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hwsearch.measurements.quantity import Quantity
from hwsearch.measurements.reading import by_name, items, mapping, number, text, whole, without_nan


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a measurement that its reader must know.

    Attributes:
        kind: One word, for programs: `uncertain`, `stale`, `jump`, ...
        text: A sentence, for people.
    """

    kind: str
    text: str

    @classmethod
    def from_json(cls, document: Any) -> Flag:
        """Reads {"kind", "text"}."""
        entry = mapping(document)
        return cls(text(entry.get("kind")), text(entry.get("text")))


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of single batches in seconds, not corrected for other load on the machine.

    Attributes:
        batch_size: Images per batch.
        runs: Number of timed batches.
    """

    batch_size: int
    runs: int
    median_s: float
    p90_s: float
    p95_s: float
    p99_s: float

    @classmethod
    def from_json(cls, document: Any) -> Latency | None:
        """Reads an object of the same names; None if it is not an object."""
        if not isinstance(document, Mapping):
            return None
        return cls(
            whole(document.get("batch_size")) or 0,
            whole(document.get("runs")) or 0,
            *(number(document.get(name)) for name in ("median_s", "p90_s", "p95_s", "p99_s")),
        )


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """One profile of a network.

    Descriptions of devices and sensors are JSON objects, defined in `hwsearch.meters`.

    Attributes:
        quantities: By metric.
        device: `hwsearch.meters.device.Device`.
        meter_device: The power meter's name for the device; "" without a power meter.
        latency: Times of single batches.
        idle_power: W while the device is awake and idle; None if it was not measured.
        other_powers: W by the meter's other fields, as a check.
        channels: `hwsearch.meters.protocol.Channel` by quantity.
        state_before: `hwsearch.meters.protocol.DeviceState` before the load.
        state_after: The same at its end.
        windows: Start and end of each window in which power and energy were measured, in seconds
            since the profile began.
        load_periods: Number of load periods under the power meter.
        seconds: Duration of the profile.
        flags: Warnings; empty if there are none.
    """

    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    meter_device: str = ""
    latency: Latency | None = None
    idle_power: Quantity | None = None
    other_powers: Mapping[str, Quantity] = field(default_factory=dict)
    channels: Mapping[str, Any] = field(default_factory=dict)
    state_before: Mapping[str, Any] = field(default_factory=dict)
    state_after: Mapping[str, Any] = field(default_factory=dict)
    windows: tuple[tuple[float, float], ...] = ()
    load_periods: int = 0
    seconds: float = math.nan
    flags: tuple[Flag, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dictionary for job documents and reports."""
        document: dict[str, Any] = without_nan(asdict(self))
        return document

    @classmethod
    def from_json(cls, document: Any) -> ProfileRecord | None:
        """Reads what `to_json` wrote; None if it is not an object."""
        if not isinstance(document, Mapping):
            return None
        return cls(
            quantities=by_name(document.get("quantities"), Quantity.from_json),
            device=mapping(document.get("device")),
            meter_device=text(document.get("meter_device")),
            latency=Latency.from_json(document.get("latency")),
            idle_power=Quantity.from_json(document.get("idle_power")),
            other_powers=by_name(document.get("other_powers"), Quantity.from_json),
            channels=mapping(document.get("channels")),
            state_before=mapping(document.get("state_before")),
            state_after=mapping(document.get("state_after")),
            windows=items(document.get("windows"), _window),
            load_periods=whole(document.get("load_periods", document.get("groups"))) or 0,
            seconds=number(document.get("seconds")),
            flags=items(document.get("flags"), Flag.from_json),
        )


def _window(document: Any) -> tuple[float, float] | None:
    edges = items(document, number)
    return (edges[0], edges[1]) if len(edges) == 2 else None

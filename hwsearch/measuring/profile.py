"""The result of measuring a network."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from hwsearch.measurements import Flag, Latency, ProfileRecord, Quantity
from hwsearch.measuring.windows import Window
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import Channel, DeviceState


@dataclass(slots=True)
class Profile:
    """What a network costs to run, and how that was measured.

    Attributes:
        device: On which it ran.
        quantities: By metric: `power` (W), `energy` (J/image), `runtime` (s/image), `memory` (GiB).
        latency: Times of single batches, without correction.
        idle_power: W without load while the device is awake; None if it was not measured.
        other_powers: W by the meter's other fields, as a check.
        channels: What was read, by quantity.
        meter_device: The power meter's name for the device; "" without a power meter.
        state_before: Clocks, temperature and other conditions before the load.
        state_after: The same at its end.
        windows: The intervals for which power and energy are stated, in seconds since the profile
            began.
        load_periods: Number of load periods under the power meter.
        seconds: Duration of the profile.
        flags: Warnings; empty if there are none.
    """

    device: Device
    quantities: dict[str, Quantity] = field(default_factory=dict)
    latency: Latency | None = None
    idle_power: Quantity | None = None
    other_powers: dict[str, Quantity] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    meter_device: str = ""
    state_before: DeviceState = field(default_factory=DeviceState)
    state_after: DeviceState = field(default_factory=DeviceState)
    windows: list[Window] = field(default_factory=list)
    load_periods: int = 0
    seconds: float = 0.0
    flags: list[Flag] = field(default_factory=list)

    def record(self) -> ProfileRecord:
        """What reports and the database keep of it."""
        return ProfileRecord(
            quantities=self.quantities,
            device=asdict(self.device),
            meter_device=self.meter_device,
            latency=self.latency,
            idle_power=self.idle_power,
            other_powers=self.other_powers,
            channels={name: channel.to_json() for name, channel in self.channels.items()},
            state_before=self.state_before.to_json(),
            state_after=self.state_after.to_json(),
            windows=tuple((window.start_s, window.end_s) for window in self.windows),
            load_periods=self.load_periods,
            seconds=self.seconds,
            flags=tuple(self.flags),
        )

"""The protocol of measuring a network: what it costs to run, with the uncertainty.

    profile(InferenceLoad(model, x_test, 32), {"power", "runtime"}) -> Profile

1. The device is locked: one profile at a time on it. 2. Warm-up until batches take a steady time.
3. Memory: the peak of a few batches. 4. Power and energy: idle beside the load, then groups of
steady load under the meter (`hwsearch.measuring.power`). 5. Time: batches one by one, each to
completion (`hwsearch.measuring.timing`). Groups and batches are repeated until the standard error
is under the target.

Measure before training: what a network costs does not depend on its weights.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from hwsearch.measurements import Flag, Latency, ProfileRecord, Quantity
from hwsearch.measuring.device_lock import DeviceLock
from hwsearch.measuring.load import Load
from hwsearch.measuring.peak_memory import inference_peak
from hwsearch.measuring.power import PowerResult, measure_power
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.references import Reference
from hwsearch.measuring.timing import Timing, Turn, latency_of, time_batches, warm_up
from hwsearch.measuring.windows import Window
from hwsearch.meters import choose, observer
from hwsearch.meters.clock import REAL_CLOCK, STOP_S, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.gpus import device_of
from hwsearch.meters.protocol import Channel, DeviceState, Meter

METRICS = ("power", "energy", "runtime", "memory")
LEAST_TIMING_S = 1.5
BUSY = 1.25


@dataclass(slots=True)
class Profile:
    """What a network costs.

    Attributes:
        quantities: By metric: `power` (W), `energy` (J/image), `runtime` (s/image), `memory` (GiB).
        device: What it ran on.
        latency: Times of single batches as they were.
        idle_power: W beside the load, device awake; None where not measured.
        other_powers: W by the meter's other fields, as a check.
        channels: What was read, by quantity.
        meter_device: The device by the power meter's name for it; "" without a power meter.
        state_before: Clocks, temperature and the like before the load.
        state_after: The same at its end.
        windows: For which power and energy are stated, seconds since the profile's start.
        groups: Groups of steady load under the power meter.
        seconds: How long measuring took.
        flags: What to know about it; empty when all is well.
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
    groups: int = 0
    seconds: float = 0.0
    flags: list[Flag] = field(default_factory=list)

    def flag(self, kind: str, text: str) -> None:
        """Adds a flag."""
        self.flags.append(Flag(kind, text))

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
            groups=self.groups,
            seconds=self.seconds,
            flags=tuple(self.flags),
        )


def profile(
    load: Load,
    metrics: set[str],
    settings: ProfileSettings | None = None,
    *,
    device: Device | None = None,
    meters: Mapping[str, Meter] | None = None,
    clock: Clock = REAL_CLOCK,
    references: Sequence[Reference] | None = None,
) -> Profile:
    """Measures a network.

    Args:
        load: Runs one batch to completion.
        metrics: Any names; those that no measuring is needed for (`error`, `params`) are left out.
            Time is measured in any case.
        settings: How carefully.
        device: Where the load runs; None = asked of the load.
        meters: By metric; None = chosen by `settings.meter`.
        clock: Tells the time to all that is measured; the meters' own.
        references: Tell how busy the machine is; None = its own on a CPU, none on a GPU.

    Raises:
        UserError: What is asked for cannot be measured here (a MeterError says what can), or the
            device stays locked by another profile.
    """
    settings = settings or ProfileSettings()
    needed = {name for name in metrics if name in METRICS}
    device = device or device_of(load)
    if meters is None:
        meters = choose(settings.meter, needed - {"memory"}, device, clock)
    power_meter = meters.get("power") or meters.get("energy")
    state = observer(device, clock) if power_meter is None else DeviceState
    limit_s = settings.limit_s(with_power=power_meter is not None)
    result = Profile(device)
    with DeviceLock(device):
        began = clock.now()
        typical_s = warm_up(load, clock, 0.1 * limit_s)
        result.state_before = state()
        if "memory" in needed:
            result.quantities["memory"] = inference_peak(load).quantity()
        if references is None and device.kind == "cpu":
            from hwsearch.measuring.reference_networks import keras_references  # noqa: PLC0415 - Keras

            making = clock.now()
            references = keras_references(clock, typical_s)
            began += clock.now() - making  # making the references is not this network's time
        references = references or ()
        timing: Timing | None = None
        if power_meter is not None:
            reserved_s = LEAST_TIMING_S if references else 0.0
            left_s = limit_s - (clock.now() - began) - reserved_s
            power = _power(load, power_meter, clock, settings, left_s, result)
            _store_power(power, needed, began, result)
            timing = Timing([Turn(group.times, []) for group in power.groups])
        if timing is None or references:
            left_s = max(LEAST_TIMING_S, limit_s - (clock.now() - began))
            timing = _time(load, clock, settings, references, typical_s, min(left_s, limit_s))
        result.quantities["runtime"] = timing.runtime(load.images_per_run, references)
        result.latency = latency_of(timing.times, load.images_per_run)
        if power_meter is None:
            result.state_after = state()
        _flag_state(result)
        if references:
            _flag_busy(timing.busyness(references), result)
        result.seconds = clock.now() - began
    _flag_uncertain(result, needed, settings.target_error)
    return result


def _power(
    load: Load,
    meter: Meter,
    clock: Clock,
    settings: ProfileSettings,
    limit_s: float,
    result: Profile,
) -> PowerResult:
    with _started(meter):
        result.meter_device = meter.describe_device()
        result.state_before = meter.state()
        power = measure_power(
            load,
            meter,
            clock,
            repeats=settings.repeats,
            target_error=settings.target_error,
            limit_s=limit_s,
            steady_s=settings.load_s,
        )
        result.state_after = power.state
        for remark in meter.remarks():
            result.flag("remark", remark)
    return power


@contextmanager
def _started(meter: Meter) -> Iterator[None]:
    """A meter in use. After an error it may hang for good: its end is not waited for then."""
    meter.start()
    try:
        yield
    except BaseException:
        stopping = threading.Thread(target=meter.stop, name="stop", daemon=True)
        stopping.start()
        stopping.join(STOP_S)
        raise
    meter.stop()


def _store_power(power: PowerResult, needed: set[str], began: float, result: Profile) -> None:
    if "power" in needed:
        result.quantities["power"] = power.power
    if "energy" in needed:
        result.quantities["energy"] = power.energy
    result.idle_power = power.idle
    result.other_powers = power.others
    result.channels[power.channel.quantity] = power.channel
    result.windows = [window.moved(-began) for window in power.windows]
    result.groups = len(power.groups)
    result.flags += power.flags


def _time(
    load: Load,
    clock: Clock,
    settings: ProfileSettings,
    references: Sequence[Reference],
    typical_s: float,
    limit_s: float,
) -> Timing:
    def enough(timing: Timing) -> bool:
        runtime = timing.runtime(load.images_per_run, references)
        return runtime.relative_error <= settings.target_error

    return time_batches(
        load,
        clock,
        typical_s=typical_s,
        least_s=min(LEAST_TIMING_S, limit_s / 2),
        limit_s=limit_s,
        enough=enough,
        references=references,
    )


def _flag_state(result: Profile) -> None:
    for moment, state in (("before", result.state_before), ("after", result.state_after)):
        if state.throttle:
            result.flag("throttled", f"{moment} the load: {', '.join(state.throttle)}")
        if state.foreign_processes:
            ids = ", ".join(map(str, state.foreign_processes))
            result.flag("foreign", f"{moment} the load other processes used the device: {ids}")


def _flag_busy(busyness: float, result: Profile) -> None:
    if busyness > BUSY:
        result.flag(
            "busy",
            f"a batch typically took {busyness:.1f} times as long as on the calm machine; "
            "runtime is corrected for it, latency is not",
        )


def _flag_uncertain(result: Profile, needed: set[str], target: float) -> None:
    for name in sorted(needed - {"memory"}):
        error = result.quantities[name].relative_error
        if error > target:
            known = f"{100 * error:.1f}%" if math.isfinite(error) else "not known"
            result.flag(
                "uncertain",
                f"{name}: standard error {known}, target {100 * target:.1f}%: "
                "measure for longer (a higher profile time limit)",
            )

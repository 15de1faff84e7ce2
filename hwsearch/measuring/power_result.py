"""From readings under steady load to power and energy with their standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwsearch.measurements import Flag, Quantity
from hwsearch.measuring.estimates import from_groups
from hwsearch.measuring.reading_checks import check_counter, disagreement, stale, without_jumps
from hwsearch.measuring.sampling import Sampler
from hwsearch.measuring.segments import Segment, mean_watts, segments_of, steady_window
from hwsearch.measuring.steady_load import LoadPeriod
from hwsearch.measuring.windows import Window, counted
from hwsearch.meters.protocol import (
    Channel,
    DeviceState,
    MeterError,
    MeterReadError,
    WindowTooShortError,
)


@dataclass(slots=True)
class PowerResult:
    """Power and energy, and how they were measured.

    Attributes:
        power: Mean under load, W.
        energy: Per image, J/image, in the same windows.
        idle: Mean power without load while the device is awake, W; None if it was not measured.
        channel: The channel from which power and energy were read.
        others: Mean power by the meter's other channels, by the name of the field.
        windows: The intervals for which power and energy are stated.
        load_periods: The load periods.
        state: The state of the device at the end of the load.
        flags: Warnings.
    """

    power: Quantity
    energy: Quantity
    channel: Channel
    idle: Quantity | None
    others: dict[str, Quantity] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    load_periods: list[LoadPeriod] = field(default_factory=list)
    state: DeviceState = field(default_factory=DeviceState)
    flags: list[Flag] = field(default_factory=list)


def power_result(
    samplers: Sequence[Sampler], load_periods: list[LoadPeriod], idle: Window, state: DeviceState
) -> PowerResult:
    """Power and energy by the first channel with usable readings; the other one is a check.

    Args:
        samplers: One per channel, the preferred one first.
        load_periods: The load periods.
        idle: When the device was idle.
        state: The state of the device at the end of the load.

    Raises:
        MeterError: No channel has enough usable readings.
    """
    flags: list[Flag] = []
    measured: list[tuple[Sampler, list[Segment]]] = []
    problem: MeterError | None = None
    for sampler in samplers:
        flags += stale(sampler.channel.field, sampler.readings, sampler.update_s)
        try:
            measured.append((sampler, _usable(sampler, load_periods, flags)))
        except WindowTooShortError as error:
            problem = WindowTooShortError(sampler.meter.name, error.cause, error.remedy)
            flags.append(Flag("short", error.cause))
        except MeterReadError as error:
            problem = error
            flags.append(Flag("jump", f"{error.cause}; it was not used"))
    if not measured and problem is not None:
        raise problem
    (first, segments), *others = measured
    power = _power(first, segments)
    checks = {other.channel.field: _power(other, of_other) for other, of_other in others}
    for check in checks.values():
        flags += disagreement(power, check)
    return PowerResult(
        power=power,
        energy=_energy(segments, power.source),
        channel=first.channel,
        idle=_idle_power(first, idle),
        others=checks,
        windows=[segment.window for segment in segments],
        load_periods=load_periods,
        state=state,
        flags=flags,
    )


def relative_error(sampler: Sampler, load_periods: Sequence[LoadPeriod]) -> float:
    """Standard error of the mean power so far, as a share of it; infinite if it is unknown."""
    try:
        value, error = mean_watts(segments_of(sampler, load_periods, sampler.readings))
    except WindowTooShortError:
        return math.inf
    return error / abs(value) if math.isfinite(error) and value else math.inf


def _usable(
    sampler: Sampler, load_periods: Sequence[LoadPeriod], flags: list[Flag]
) -> list[Segment]:
    """The segments of a channel, after checking its readings.

    Raises:
        MeterReadError: The readings are wrong.
        WindowTooShortError: There are too few of them.
    """
    meter, channel, readings = sampler.meter.name, sampler.channel, sampler.readings
    steady = [steady_window(sampler, load_period) for load_period in load_periods]
    if channel.quantity == "energy":
        check_counter(meter, channel.field, readings, steady)
    else:
        readings, jumps = without_jumps(meter, channel.field, readings, steady)
        flags += jumps
    return segments_of(sampler, load_periods, readings)


def _power(sampler: Sampler, segments: Sequence[Segment]) -> Quantity:
    value, error = mean_watts(segments)
    how = "counter" if sampler.channel.quantity == "energy" else "integrated"
    source = f"{_source(sampler)} ({how})"
    return Quantity(value, error, _std([s.watts for s in segments]), len(segments), "W", source)


def _energy(segments: Sequence[Segment], source: str) -> Quantity:
    per_image = [segment.joules_per_image for segment in segments]
    value, error = from_groups(per_image, [segment.images for segment in segments])
    return Quantity(value, error, _std(per_image), len(segments), "J/image", source)


def _idle_power(sampler: Sampler, window: Window) -> Quantity | None:
    """None if the sensor had too few values while the device was idle: it may not update then."""
    inside = [r for r in sampler.readings if window.start_s <= r.time_s <= window.end_s]
    if sampler.channel.quantity == "energy":
        try:
            joules, span = counted(inside, window)
        except WindowTooShortError:
            return None
        return Quantity(joules / span.length_s, math.nan, math.nan, 1, "W", _source(sampler))
    if not inside:
        return None
    values = [reading.value for reading in inside]
    mean = float(np.mean(values))
    return Quantity(mean, math.nan, _std(values), len(values), "W", _source(sampler))


def _source(sampler: Sampler) -> str:
    return f"{sampler.meter.name}: {sampler.channel.field}"


def _std(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan

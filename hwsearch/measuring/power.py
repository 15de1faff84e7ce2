"""Mean power and energy an image under steady load, from whatever a meter offers.

An energy counter is used first: it sees all that the load draws. A power sensor is integrated;
where there are both, each checks the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from hwsearch.measurements import Flag, Quantity
from hwsearch.measuring.estimates import from_groups
from hwsearch.measuring.load import Load
from hwsearch.measuring.reading_checks import (
    check_counter,
    disagreement,
    stale,
    without_jumps,
)
from hwsearch.measuring.sampling import Sampler, update_periods_s
from hwsearch.measuring.steady_load import LEAST_GAP_S, Group, groups
from hwsearch.measuring.windows import LEAST_READINGS, Window, counted, delay_s, drop_s, integral
from hwsearch.meters.clock import Clock
from hwsearch.meters.protocol import (
    Channel,
    DeviceState,
    Meter,
    MeterError,
    MeterReadError,
    MeterUnavailableError,
    Reading,
    WindowTooShortError,
)

IDLE_S = 0.5
LEAST_STEADY_S = 5.0
LONGEST_GROUP_S = 0.6


@dataclass(frozen=True, slots=True)
class Segment:
    """What one channel says about one stretch of steady load."""

    window: Window
    joules: float
    images: float

    @property
    def watts(self) -> float:
        """Mean power."""
        return self.joules / self.window.length_s


@dataclass(slots=True)
class PowerResult:
    """Power and energy, and how they came about.

    Attributes:
        power: Mean under load, W.
        energy: An image, J/image, over the same windows.
        idle: Mean power beside the load with the device awake, W; None where it was not measured.
        channel: What both were read from.
        others: Mean power by the meter's other channels, by the name of the field.
        windows: The stretches that power and energy are stated for.
        groups: The load's groups.
        readings: All readings of `channel`.
        state: Of the device at the end of the load.
        flags: What to know about it.
    """

    power: Quantity
    energy: Quantity
    channel: Channel
    idle: Quantity | None
    others: dict[str, Quantity] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    state: DeviceState = field(default_factory=DeviceState)
    flags: list[Flag] = field(default_factory=list)


def measure_power(
    load: Load,
    meter: Meter,
    clock: Clock,
    *,
    repeats: int,
    target_error: float,
    limit_s: float,
    steady_s: float = LEAST_STEADY_S,
) -> PowerResult:
    """Runs a warmed-up load under a started meter.

    Args:
        load: The network.
        meter: Started; has a `power` or an `energy` channel.
        clock: The meter's.
        repeats: Groups, where the sensor is fast enough for so many in the time.
        target_error: Standard error to reach, as a share of the mean.
        limit_s: For all of it; ends it though the target is not reached. At least one group is run
            that is long enough for the sensor.
        steady_s: Seconds of load at least, if the limit lets it.

    Raises:
        MeterError: No usable reading, or too few for a number.
    """
    channels = [c for c in map(meter.channel, ("energy", "power")) if c is not None]
    if not channels:
        raise MeterUnavailableError(meter.name, "measures neither power nor energy here")
    end_s = clock.now() + limit_s
    updates = update_periods_s(channels, meter, load, clock)
    slowest = max(updates)
    with ExitStack() as stack:
        samplers = [
            stack.enter_context(Sampler(meter, channel, update, clock))
            for channel, update in zip(channels, updates, strict=True)
        ]
        settle = max(drop_s(s.channel, s.update_s) + 2 * _margin_s(s) for s in samplers)
        idle_window = _idle(clock, settle, slowest)
        shortest_s = settle + max(0.25, LEAST_READINGS * slowest)
        steady_s = max(shortest_s + slowest, min(steady_s, end_s - clock.now()))
        most = max(1, int(steady_s / shortest_s))
        count = min(most, max(repeats, round(steady_s / LONGEST_GROUP_S)))
        group_s = steady_s / count
        done: list[Group] = []
        spent = 0.0
        for group in groups(load, clock, group_s=group_s, period_s=slowest):
            done.append(group)
            spent += group.window.length_s
            for sampler in samplers:
                sampler.check()
            rest_s = LEAST_GAP_S + slowest + spent / len(done) + 2 * samplers[-1].period_s
            if clock.now() + rest_s > end_s:
                break
            if len(done) >= count and spent >= steady_s and _exact(samplers[0], done, target_error):
                break
        state = meter.state()
        clock.sleep(2 * samplers[-1].period_s)  # a reading beyond the last window's end
    for sampler in samplers:
        sampler.check()
    result = _result(samplers, done, idle_window, meter)
    result.state = state
    return result


def _idle(clock: Clock, settle_s: float, update_s: float) -> Window:
    """Waits beside the load for long enough to know the power without it."""
    clock.sleep(settle_s)
    start = clock.now()
    clock.sleep(max(IDLE_S, 6 * update_s))
    return Window(start, clock.now())


def _exact(sampler: Sampler, done: Sequence[Group], target_error: float) -> bool:
    try:
        value, error = _mean_watts(_segments(sampler, done, sampler.readings))
    except WindowTooShortError:
        return False
    return math.isfinite(error) and error <= target_error * abs(value)


def _segments(
    sampler: Sampler, done: Sequence[Group], readings: Sequence[Reading]
) -> list[Segment]:
    """One a group, or several of a group where there are few: independent samples are needed.

    Raises:
        WindowTooShortError: No group was long enough for a number.
    """
    parts = max(1, math.ceil(4 / len(done)))
    segments: list[Segment] = []
    problem: WindowTooShortError | None = None
    for group in done:
        steady = _steady_window(sampler, group)
        least = max(0.2, 5 * sampler.update_s, sampler.channel.averaging_s)
        fits = int(steady.length_s / least)
        try:
            segments += [
                _segment(sampler, group, piece, readings)
                for piece in steady.split(max(1, min(parts, fits)))
            ]
        except WindowTooShortError as error:
            problem = error
    if problem and not segments:
        raise problem
    return segments


def _segment(sampler: Sampler, group: Group, piece: Window, readings: Sequence[Reading]) -> Segment:
    if sampler.channel.quantity == "energy":
        joules, window = counted(readings, piece)
    else:
        joules = integral(readings, piece)
        window = piece.moved(-delay_s(sampler.channel, sampler.update_s))
    return Segment(window, joules, group.images(window))


def _mean_watts(segments: Sequence[Segment]) -> tuple[float, float]:
    return from_groups([s.watts for s in segments], [s.window.length_s for s in segments])


def _result(
    samplers: Sequence[Sampler], done: list[Group], idle_window: Window, meter: Meter
) -> PowerResult:
    flags: list[Flag] = []
    results: list[tuple[Sampler, list[Segment]]] = []
    problem: MeterError | None = None
    for sampler in samplers:
        readings = sampler.readings
        flags += stale(sampler.channel.field, readings, sampler.update_s)
        steady = [_steady_window(sampler, group) for group in done]
        try:
            if sampler.channel.quantity == "energy":
                check_counter(meter.name, sampler.channel.field, readings, steady)
            else:
                readings, jumps = without_jumps(meter.name, sampler.channel.field, readings, steady)
                flags += jumps
            results.append((sampler, _segments(sampler, done, readings)))
        except WindowTooShortError as error:
            problem = WindowTooShortError(meter.name, error.cause, error.remedy)
            flags.append(Flag("short", error.cause))
        except MeterReadError as error:
            problem = error
            flags.append(Flag("jump", f"{error.cause}; it was not used"))
    if not results and problem is not None:
        raise problem
    first, segments = results[0]
    power = _power(first, segments, meter)
    energy_value, energy_error = from_groups(
        [s.joules / s.images for s in segments], [s.images for s in segments]
    )
    per_image = [s.joules / s.images for s in segments]
    result = PowerResult(
        power=power,
        energy=Quantity(
            energy_value, energy_error, _std(per_image), len(segments), "J/image", power.source
        ),
        channel=first.channel,
        idle=_idle_power(first, idle_window, meter),
        windows=[s.window for s in segments],
        groups=done,
        readings=first.readings,
        flags=flags,
    )
    for sampler, other in results[1:]:
        check = _power(sampler, other, meter)
        result.others[sampler.channel.field] = check
        flags += disagreement(power, check)
    return result


def _power(sampler: Sampler, segments: Sequence[Segment], meter: Meter) -> Quantity:
    value, error = _mean_watts(segments)
    watts = [s.watts for s in segments]
    how = "counter" if sampler.channel.quantity == "energy" else "integrated"
    source = f"{meter.name}: {sampler.channel.field} ({how})"
    return Quantity(value, error, _std(watts), len(segments), "W", source)


def _idle_power(sampler: Sampler, window: Window, meter: Meter) -> Quantity | None:
    """None when the sensor said too little while the device idled (its value may stand still)."""
    inside = [r for r in sampler.readings if window.start_s <= r.time_s <= window.end_s]
    source = f"{meter.name}: {sampler.channel.field}"
    if sampler.channel.quantity == "energy":
        try:
            joules, span = counted(inside, window)
        except WindowTooShortError:
            return None
        return Quantity(joules / span.length_s, math.nan, math.nan, 1, "W", source)
    if not inside:
        return None
    values = [r.value for r in inside]
    return Quantity(float(np.mean(values)), math.nan, _std(values), len(values), "W", source)


def _std(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def _margin_s(sampler: Sampler) -> float:
    """Integrals interpolate at a window's edges: the readings outside must be of the load too."""
    return 0.0 if sampler.channel.quantity == "energy" else 1.25 * sampler.period_s


def _steady_window(sampler: Sampler, group: Group) -> Window:
    """When readings, and the next ones around them, describe the load alone."""
    drop = drop_s(sampler.channel, sampler.update_s)
    margin = _margin_s(sampler)
    return Window(group.start_s + drop + margin, group.window.end_s - margin)

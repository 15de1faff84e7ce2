"""Mean power, and energy per image, under steady load, from whatever a meter offers.

An energy counter is preferred: it counts everything that the load draws. The readings of a power
sensor are integrated. If the meter has both, each checks the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from hwsearch.measuring.power_result import PowerResult, power_result, relative_error
from hwsearch.measuring.sampling import Sampler, update_periods_s
from hwsearch.measuring.segments import settle_s
from hwsearch.measuring.session import Session
from hwsearch.measuring.steady_load import LEAST_GAP_S, LoadPeriod, load_periods
from hwsearch.measuring.windows import LEAST_READINGS, Window
from hwsearch.meters.clock import Clock
from hwsearch.meters.protocol import Meter, MeterUnavailableError

IDLE_S = 0.5
IDLE_UPDATES = 6
LEAST_READ_S = 0.25
LONGEST_GROUP_S = 0.6


def measure_power(session: Session, meter: Meter) -> PowerResult:
    """Runs a load that is warmed up under a meter that is started.

    Measuring ends when the load has run for its time and the standard error is on target; or at
    the deadline, but never before one load period that is long enough for the sensor.

    Args:
        session: What to measure, and until when.
        meter: Has a power or an energy channel; reads the session's clock.

    Raises:
        MeterError: No usable readings, or too few of them.
    """
    channels = [c for c in map(meter.channel, ("energy", "power")) if c is not None]
    if not channels:
        raise MeterUnavailableError(meter.name, "measures neither power nor energy here")
    clock = session.clock
    updates = update_periods_s(channels, meter, session.load, clock)
    with ExitStack() as stack:
        samplers = [
            stack.enter_context(Sampler(meter, channel, update, clock))
            for channel, update in zip(channels, updates, strict=True)
        ]
        idle = _idle(samplers, clock)
        done = _run_load_periods(session, samplers)
        state = meter.state()
        clock.sleep(2 * samplers[-1].period_s)  # for a reading after the end of the last window
    for sampler in samplers:
        sampler.check()
    return power_result(samplers, done, idle, state)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Load periods.

    Attributes:
        load_periods: Minimum number of load periods.
        steady_s: Minimum seconds of load in all of them.
        slowest_s: The longest update period of the meter's sensors.
    """

    load_periods: int
    steady_s: float
    slowest_s: float

    @classmethod
    def of(cls, session: Session, samplers: Sequence[Sampler]) -> _Plan:
        """As many load periods as the settings ask for, if the sensors are fast enough for them."""
        slowest_s = max(sampler.update_s for sampler in samplers)
        read_s = max(LEAST_READ_S, LEAST_READINGS * slowest_s)
        shortest_s = max(map(settle_s, samplers)) + read_s
        wanted_s = min(session.settings.load_s, session.left_s)
        steady_s = max(shortest_s + slowest_s, wanted_s)
        most = max(1, int(steady_s / shortest_s))
        wanted = max(session.settings.repeats, round(steady_s / LONGEST_GROUP_S))
        return cls(min(most, wanted), steady_s, slowest_s)

    @property
    def load_period_s(self) -> float:
        """Seconds per load period."""
        return self.steady_s / self.load_periods


def _idle(samplers: Sequence[Sampler], clock: Clock) -> Window:
    """Waits without load until readings show the idle power alone, then to measure it."""
    clock.sleep(max(map(settle_s, samplers)))
    start = clock.now()
    clock.sleep(max(IDLE_S, IDLE_UPDATES * max(sampler.update_s for sampler in samplers)))
    return Window(start, clock.now())


def _run_load_periods(session: Session, samplers: Sequence[Sampler]) -> list[LoadPeriod]:
    """Runs the load until the target error or the deadline is reached."""
    clock, target = session.clock, session.settings.target_error
    plan = _Plan.of(session, samplers)
    done: list[LoadPeriod] = []
    load_s = 0.0
    for load_period in load_periods(
        session.load, clock, load_period_s=plan.load_period_s, period_s=plan.slowest_s
    ):
        done.append(load_period)
        load_s += load_period.window.length_s
        session.tell()
        for sampler in samplers:
            sampler.check()
        next_s = LEAST_GAP_S + plan.slowest_s + load_s / len(done) + 2 * samplers[-1].period_s
        if session.left_s < next_s:
            break
        complete = len(done) >= plan.load_periods and load_s >= plan.steady_s
        if complete and relative_error(samplers[0], done) <= target:
            break
    return done

"""Reading a meter while the load runs, as often as its sensor has a new value."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np

from hwsearch.measuring.load import Load
from hwsearch.measuring.windows import arrays
from hwsearch.meters.clock import Clock, Repeating
from hwsearch.meters.protocol import Channel, Meter, MeterError, MeterReadError, Reading

FASTEST_S = 0.005  # polling every millisecond adds load, not information
SLOWEST_S = 0.1
COUNTER_POLLS = 10  # polls per step of an energy counter: the time of a step is known to a tenth
SILENT_UPDATES = 20
WATCH_S = 1.0
ENOUGH_READINGS = 50
FALLBACK_UPDATE_S = 0.1


def poll_s(channel: Channel, update_s: float) -> float:
    """Seconds between two polls: half of the update period; a tenth for an energy counter."""
    share = 1 / COUNTER_POLLS if channel.quantity == "energy" else 0.5
    return min(SLOWEST_S, max(FASTEST_S, share * update_s))


def update_period_s(readings: list[Reading]) -> float | None:
    """Seconds between two new values of a sensor, from the moments when the polled value changed.

    The first estimate is the median time between changes: it is not affected by values that repeat
    by chance. A line fitted to the times of the changes over their numbers refines it to a fraction
    of a poll; its slope is the period.

    Returns:
        None if the value changed fewer than four times.
    """
    times, values = arrays(readings)
    changes = times[1:][np.diff(values) != 0]
    if len(changes) < 4:
        return None
    median = float(np.median(np.diff(changes)))
    steps = np.concatenate([[0], np.cumsum(np.maximum(1, np.round(np.diff(changes) / median)))])
    slope = float(np.polyfit(steps, changes, 1)[0])
    return slope if abs(slope - median) < 0.25 * median else median


class Sampler:
    """Polls one channel of a meter in the background, inside a `with` block.

    If the meter fails or hangs, nothing is raised in the background: `check`, which the caller
    calls while the load runs, raises the error.

    Args:
        meter: Started by the caller.
        channel: What to read.
        update_s: The sensor's update period.
        clock: Its `every` does the polling.

    Attributes:
        period_s: Seconds between two polls.
    """

    def __init__(self, meter: Meter, channel: Channel, update_s: float, clock: Clock) -> None:
        self.meter = meter
        self.channel = channel
        self.update_s = update_s
        self.period_s = poll_s(channel, update_s)
        self._clock = clock
        self._readings: list[Reading] = []
        self._error: MeterError | None = None
        self._lock = threading.Lock()
        self._last_poll = clock.now()
        self._repeating: Repeating | None = None

    def __enter__(self) -> Self:
        self._last_poll = self._clock.now()
        self._repeating = self._clock.every(self.period_s, self._poll)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._repeating is not None:
            self._repeating.stop()
            self._repeating = None

    @property
    def readings(self) -> list[Reading]:
        """All readings so far, in order of time."""
        with self._lock:
            return list(self._readings)

    def check(self) -> None:
        """Raises the error that occurred in the background, if any.

        Raises:
            MeterReadError: The meter failed, or has not answered for a long time.
        """
        if self._error is not None:
            raise self._error
        silent = self._clock.now() - self._last_poll
        if silent > max(2.0, SILENT_UPDATES * self.update_s):
            raise MeterReadError(
                self.meter.name,
                f"no answer for {silent:.1f} s while reading {self.channel.field}",
                "the driver may hang: try the same query by hand",
            )

    def _poll(self) -> None:
        if self._error is not None:
            return
        try:
            reading = self.meter.read(self.channel.quantity)
        except MeterError as error:
            self._error = error
            return
        except Exception as error:  # a library's own error must not be lost in the background
            self._error = MeterReadError(self.meter.name, f"{type(error).__name__}: {error}")
            return
        with self._lock:
            if not self._readings or reading.time_s > self._readings[-1].time_s:
                self._readings.append(reading)
        self._last_poll = self._clock.now()


def update_periods_s(
    channels: Sequence[Channel], meter: Meter, load: Load, clock: Clock
) -> list[float]:
    """The update period of each channel's sensor, in seconds.

    This is the period that the meter states. Sensors of unknown period are all watched under load,
    for up to a second; 0.1 s is assumed for those whose values do not change often enough.
    """
    unknown = [channel for channel in channels if channel.update_s is None]
    periods: dict[Channel, float] = {}
    with ExitStack() as stack:
        samplers = [stack.enter_context(Sampler(meter, c, 0.0, clock)) for c in unknown]
        end = clock.now() + WATCH_S
        while len(periods) < len(unknown) and clock.now() < end:
            load.run()
            for sampler in samplers:
                sampler.check()
                if clock.now() > end - WATCH_S / 2 and len(sampler.readings) > ENOUGH_READINGS:
                    _note_period(sampler, periods)
    for sampler in samplers:
        _note_period(sampler, periods)
    return [
        periods.get(channel, FALLBACK_UPDATE_S) if channel.update_s is None else channel.update_s
        for channel in channels
    ]


def _note_period(sampler: Sampler, periods: dict[Channel, float]) -> None:
    period = update_period_s(sampler.readings)
    if period is not None:
        periods[sampler.channel] = period

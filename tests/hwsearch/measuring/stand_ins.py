"""Loads and meters in virtual time that several modules' tests use."""

from __future__ import annotations

from types import SimpleNamespace

from hwsearch.measuring.sampling import poll_s
from hwsearch.meters.protocol import Availability, Meter, Reading


class SleepingLoad:
    """Batches that take the same time each."""

    def __init__(self, clock, seconds=0.01, images_per_run=20):
        self.clock, self.seconds, self.images_per_run = clock, seconds, images_per_run

    def run(self):
        self.clock.sleep(self.seconds)


class FunctionMeter(Meter):
    """Reads `function(quantity, now)` on the given channels."""

    name = "function"

    def __init__(self, clock, channels, function):
        super().__init__(None, clock)
        self._channels, self.function = channels, function

    def available(self):
        return Availability(True)

    def channels(self):
        return self._channels

    def start(self):
        pass

    def stop(self):
        pass

    def read(self, quantity):
        now = self.clock.now()
        return Reading(now, self.function(quantity, now))


def sampled(channel, readings, update_s=0.1, meter="m"):
    """What a sampler of that channel has read."""
    return SimpleNamespace(
        meter=SimpleNamespace(name=meter),
        channel=channel,
        update_s=update_s,
        period_s=poll_s(channel, update_s),
        readings=[Reading(time_s, value) for time_s, value in readings],
    )

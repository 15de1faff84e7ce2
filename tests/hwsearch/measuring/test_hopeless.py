from __future__ import annotations

import math

import pytest

from hwsearch.measuring.hopeless import CERTAIN, end_early, hopeless
from hwsearch.measuring.profile import Profile
from hwsearch.meters.device import Device
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import SleepingLoad


class Batches:
    """Batches of one image that take the given times."""

    images_per_run = 1

    def __init__(self, clock, times):
        self.clock, self.times = clock, list(times)

    def run(self):
        self.clock.sleep(self.times.pop(0))


@pytest.mark.parametrize(
    ("times", "left", "is_hopeless"),
    [((11, 12, 1), 1, True), ((9, 12, 1), 2, False), ((11, 9, 1), 1, False)],
)
def test_two_batches_that_exceed_the_bound_many_times(times, left, is_hopeless):
    clock = VirtualClock()
    load = Batches(clock, times)
    found = hopeless(load, clock, 10 / CERTAIN)
    assert len(load.times) == left
    assert (found is not None) is is_hopeless


def test_short_batches_are_measured_in_any_case():
    clock = VirtualClock()
    assert hopeless(Batches(clock, [0.9]), clock, 1e-6) is None


def test_the_time_is_all_that_is_known():
    clock = VirtualClock()
    load = SleepingLoad(clock, seconds=8.0)
    result = Profile(Device("cpu", "a CPU"))
    timing = hopeless(load, clock, 0.01)
    assert timing is not None
    end_early(result, timing, load.images_per_run, 0.01)
    assert result.quantities["runtime"].value == pytest.approx(8.0 / 20)
    assert result.latency is not None
    assert result.latency.batch_size == 20
    [flag] = result.flags
    assert flag.text == "measuring ended after 2 batches: the runtime is about 40 times its bound"
    assert math.isfinite(result.quantities["runtime"].std_error)

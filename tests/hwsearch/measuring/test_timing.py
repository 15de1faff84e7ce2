"""Times of batches on simulated machines that are disturbed in known ways."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.references import Reference
from hwsearch.measuring.session import Session
from hwsearch.measuring.timing import Timing, Turn, time_batches, warm_up
from hwsearch.testing.virtual_clock import VirtualClock


class Machine:
    """Slowed as a whole by `slowness(now)`, and a share of runs interrupted for 10 ms."""

    def __init__(self, slowness=lambda _: 1.0, interrupted=0.0, seed=0):
        self.clock = VirtualClock()
        self.slowness, self.interrupted = slowness, interrupted
        self.random = random.Random(seed)

    def load(self, seconds):
        machine = self

        class Load:
            images_per_run = 10
            runs = 0

            def run(self):
                self.runs += 1
                took = seconds * machine.slowness(machine.clock.now())
                took *= machine.random.uniform(1.0, 1.03)
                if machine.random.random() < machine.interrupted:
                    took += 0.010
                machine.clock.sleep(took)

        return Load()


EXACT = 1e-12  # a target error that is never reached


def runtime(machine, seconds, references_s=(0.001,), limit_s=3.0, target_error=0.99):
    load = machine.load(seconds)
    references = [Reference(machine.load(seconds), seconds) for seconds in references_s]
    now, settings = machine.clock.now(), ProfileSettings(target_error=target_error)
    session = Session(load, machine.clock, settings, now, now + limit_s)
    timing = time_batches(session, references, seconds)
    return timing.runtime(load.images_per_run, references), timing, references


@pytest.mark.parametrize("seconds", [0.0002, 0.001, 0.004, 0.050])
def test_on_an_idle_machine_runtime_is_the_time_of_a_batch_per_image(seconds):
    quantity, timing, _ = runtime(Machine(), seconds)
    assert quantity.value == pytest.approx(seconds / 10, rel=0.02)
    assert quantity.unit == "s/image"
    assert quantity.samples == len(timing.times) >= 20


@pytest.mark.parametrize("slowness", [1.2, 1.5, 2.0])
def test_runtime_is_corrected_for_a_machine_that_is_slower_as_a_whole(slowness):
    quantity, timing, references = runtime(Machine(lambda _: slowness), 0.002)
    assert quantity.value == pytest.approx(0.0002, rel=0.02)
    assert timing.busyness(references) == pytest.approx(slowness, rel=0.02)
    assert np.median(timing.times) == pytest.approx(0.002 * slowness, rel=0.03)


def test_interrupting_a_third_of_all_batches_does_not_change_runtime():
    quantity, _, _ = runtime(Machine(interrupted=0.33), 0.002)
    assert quantity.value == pytest.approx(0.0002, rel=0.02)


def test_profiles_of_one_network_on_a_changing_machine_agree():
    """A machine that gets slower and faster over half a minute, as shared ones do."""
    machine = Machine(lambda now: 1.5 + 0.5 * math.sin(now / 5), interrupted=0.2)
    values = [runtime(machine, 0.002)[0].value for _ in range(20)]
    assert np.std(values) / np.mean(values) < 0.05


def test_a_short_batch_runs_for_as_long_as_the_reference():
    _, timing, _ = runtime(Machine(), 0.0001)
    assert {len(turn.times) for turn in timing.turns} == {10}
    assert {len(turn.references[0]) for turn in timing.turns} == {1}


def test_a_reference_runs_for_half_of_the_time_of_a_long_batch():
    _, timing, _ = runtime(Machine(), 0.020)
    assert {len(turn.times) for turn in timing.turns} == {1}
    assert {len(turn.references[0]) for turn in timing.turns} == {10}


def test_all_run_for_as_long_as_the_slower_of_two_references():
    _, timing, _ = runtime(Machine(), 0.002, references_s=(0.001, 0.004))
    assert {len(turn.times) for turn in timing.turns} == {2}
    assert {tuple(map(len, turn.references)) for turn in timing.turns} == {(4, 1)}


def test_the_slowdown_is_interpolated_between_two_references():
    """Long runs are slowed more than short ones: by the power 0.2 of their time."""

    class Unfair(Machine):
        def load(self, seconds):
            self.slower = 1.3 * (seconds / 0.001) ** 0.2
            return super().load(seconds * self.slower)

    for seconds in (0.001, 0.002, 0.003, 0.004):
        quantity, timing, references = runtime(Unfair(), seconds, references_s=(0.001, 0.004))
        assert quantity.value == pytest.approx(seconds / 10, rel=0.02)
        expected = 1.3 * (seconds / 0.001) ** 0.2
        assert timing.busyness(references) == pytest.approx(expected, rel=0.03)


def test_it_ends_at_the_deadline_if_the_target_is_not_reached():
    machine = Machine()
    _, timing, _ = runtime(machine, 0.002, limit_s=2.0, target_error=EXACT)
    assert machine.clock.now() == pytest.approx(2.0, abs=0.05)
    assert len(timing.turns) > 100


def test_there_are_two_turns_however_long_a_batch_takes():
    quantity, timing, _ = runtime(Machine(), 30.0, target_error=EXACT)
    assert len(timing.times) == 2
    assert quantity.value == pytest.approx(3.0, rel=0.03)


def test_runtime_is_the_5_percent_quantile_divided_by_that_of_the_reference():
    """By hand: 3 of 2, 3, ... 22, and 6 of 3, 6, ... 63."""
    turns = [Turn([2.0 + n], [[3.0 + 3 * n]]) for n in range(21)]
    quantity = Timing(turns).runtime(10, [Reference(None, 1.5)])
    assert quantity.value == pytest.approx(3.0 / 10 / (6.0 / 1.5))
    assert Timing(turns).busyness([Reference(None, 1.5)]) == pytest.approx(33.0 / 1.5)


def test_without_a_reference_runtime_is_the_median():
    timing = Timing([Turn([1.0, 2.0], []), Turn([3.0], []), Turn([4.0, 50.0], [])])
    quantity = timing.runtime(10, [])
    assert quantity.value == pytest.approx(0.3)
    assert quantity.samples == 5
    assert quantity.std_error > 0


def test_latency_is_not_corrected():
    times = np.arange(1, 101) / 100
    latency = Timing([Turn(list(times), [])]).latency(32)
    assert (latency.batch_size, latency.runs) == (32, 100)
    assert latency.median_s == pytest.approx(0.505)
    assert latency.p90_s == pytest.approx(0.901)
    assert latency.p95_s == pytest.approx(0.9505)
    assert latency.p99_s == pytest.approx(0.9901)


def test_warm_up_continues_until_batches_take_a_steady_time():
    machine = Machine(lambda now: 1.0 + 2.0 * math.exp(-now / 0.1))
    typical = warm_up(machine.load(0.01), machine.clock, 5.0)
    assert typical == pytest.approx(0.01, rel=0.1)
    assert machine.clock.now() < 1.0


def test_warm_up_ends_at_its_limit_on_a_machine_that_keeps_slowing_down():
    machine = Machine(math.exp)
    warm_up(machine.load(0.01), machine.clock, 1.0)
    assert machine.clock.now() == pytest.approx(1.0, abs=0.3)

from __future__ import annotations

import itertools
import random

import pytest

from hwsearch.testing.virtual_clock import VirtualClock


def test_time_passes_only_in_sleep():
    clock = VirtualClock()
    assert clock.now() == 0
    clock.sleep(2.5)
    clock.sleep(-1)
    assert clock.now() == 2.5


def test_periodic_actions_run_in_order_of_time_while_others_sleep():
    clock = VirtualClock()
    seen = []
    clock.every(0.1, lambda: seen.append(("a", clock.now())))
    clock.every(0.25, lambda: seen.append(("b", clock.now())))
    clock.sleep(100)
    times = [time for _, time in seen]
    assert times == sorted(times)
    counts = [sum(1 for name, _ in seen if name == letter) for letter in "ab"]
    assert counts[0] == pytest.approx(1001, abs=20)
    assert counts[1] == pytest.approx(401, abs=10)


def test_intervals_vary_by_a_quarter():
    clock = VirtualClock()
    times = []
    clock.every(1.0, lambda: times.append(clock.now()))
    clock.sleep(200)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert min(gaps) >= 0.75 - 1e-9
    assert max(gaps) <= 1.25 + 1e-9
    assert max(gaps) - min(gaps) > 0.3


def test_a_stopped_action_does_not_run_again():
    clock = VirtualClock()
    times = []
    repeating = clock.every(1.0, lambda: times.append(clock.now()))
    clock.sleep(3)
    repeating.stop()
    count = len(times)
    clock.sleep(10)
    assert len(times) == count >= 3


def test_lateness():
    clock = VirtualClock(lambda: 0.5)
    times = []
    clock.every(10.0, lambda: times.append(clock.now()))
    clock.sleep(13.0)
    first, second = times
    assert first == 0.0
    assert 8.0 <= second <= 13.0


def test_the_users_random_numbers_are_left_alone():
    random.seed(1)
    expected = random.random()
    random.seed(1)
    clock = VirtualClock()
    clock.every(1.0, lambda: None)
    clock.sleep(3)
    assert random.random() == expected

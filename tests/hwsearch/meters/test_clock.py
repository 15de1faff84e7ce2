"""The real clock: every wait has an end that no busy machine reaches."""

from __future__ import annotations

import random
import threading

from hwsearch.meters.clock import RealClock


def test_an_action_runs_in_a_thread_of_its_own_until_it_is_stopped():
    clock = RealClock()
    happened = threading.Event()
    names = set()

    def action():
        names.add(threading.current_thread().name)
        happened.set()

    repeating = clock.every(0.001, action)
    assert happened.wait(60)
    repeating.stop()
    happened.clear()
    assert names == {"sampler"}
    assert not happened.wait(0.02)


def test_an_action_may_stop_itself():
    clock = RealClock()
    started, done = threading.Event(), threading.Event()
    handle = []

    def action():
        if started.is_set():
            handle[0].stop()
            done.set()

    handle.append(clock.every(0.001, action))
    started.set()
    assert done.wait(60)


def test_the_users_random_numbers_are_left_alone():
    random.seed(1)
    expected = random.random()
    random.seed(1)
    clock = RealClock()
    calls, enough = [], threading.Event()

    def action():
        calls.append(clock.now())
        if len(calls) >= 3:
            enough.set()

    repeating = clock.every(0.001, action)
    assert enough.wait(60)
    repeating.stop()
    assert random.random() == expected


def test_a_hanging_action_does_not_block_stop(monkeypatch):
    monkeypatch.setattr("hwsearch.meters.clock.STOP_S", 0.05)
    began, end = threading.Event(), threading.Event()

    def hang():
        began.set()
        end.wait(60)

    repeating = RealClock().every(0.01, hang)
    assert began.wait(60)
    repeating.stop()
    end.set()

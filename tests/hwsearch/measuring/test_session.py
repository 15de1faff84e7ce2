from __future__ import annotations

from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.session import Session
from hwsearch.testing.virtual_clock import VirtualClock


def session(now):
    """From 2 to 12 on the clock; it is `now`."""
    clock = VirtualClock()
    clock.sleep(now)
    return Session(None, clock, ProfileSettings(), 2.0, 12.0)


def test_elapsed_and_left_time():
    assert (session(5).elapsed_s, session(5).left_s) == (3, 7)
    assert session(13).left_s == -1


def test_time_for_something_else_moves_start_and_deadline():
    later = session(5).postponed(2)
    assert (later.elapsed_s, later.left_s) == (1, 9)


def test_a_step_can_reserve_time_for_the_next():
    assert session(5).reserving(1.5).left_s == 5.5


def test_a_step_has_its_least_time_after_the_deadline_too():
    assert session(5).with_at_least(1.5).left_s == 7
    assert session(11.5).with_at_least(1.5).left_s == 1.5
    assert session(20).with_at_least(1.5).left_s == 1.5


def test_the_least_time_is_never_more_than_the_whole():
    assert session(20).with_at_least(60).left_s == 10

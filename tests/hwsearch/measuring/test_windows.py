"""Alignment and integration: each test fails if one sample too many or too few is used."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.measuring.windows import Window, counted, delay_s, drop_s, integral
from hwsearch.meters.protocol import Channel, Reading, WindowTooShortError


def readings(function, times):
    return [Reading(t, function(t)) for t in times]


def mean(series, window):
    return integral(series, window) / window.length_s


def every(period, end, start=0.0):
    return [start + n * period for n in range(math.ceil((end - start) / period) + 1)]


def test_a_straight_line_is_integrated_exactly_between_any_edges():
    line = readings(lambda t: 3 + 2 * t, every(0.1, 5))
    # integral of 3 + 2 t from 1.234 to 3.456
    exact = 3 * (3.456 - 1.234) + 3.456**2 - 1.234**2
    assert integral(line, Window(1.234, 3.456)) == pytest.approx(exact, rel=1e-12)


def test_edges_on_readings_and_between_them_agree():
    line = readings(lambda t: 10 * t, every(0.25, 4))
    assert integral(line, Window(1.0, 2.0)) == pytest.approx(15.0)
    assert integral(line, Window(1.0, 2.0 + 1e-9)) == pytest.approx(15.0)


@given(
    st.lists(st.floats(0, 10), min_size=30, max_size=80, unique=True),
    st.floats(-5, 5),
    st.floats(2, 4),
    st.floats(5, 8),
)
def test_irregular_readings_of_a_line(times, slope, start, end):
    line = readings(lambda t: 100 + slope * t, [0.0, *sorted(times), 10.0])
    line = [r for n, r in enumerate(line) if n == 0 or r.time_s > line[n - 1].time_s]
    try:
        value = mean(line, Window(start, end))
    except WindowTooShortError:
        return
    assert value == pytest.approx(100 + slope * (start + end) / 2, rel=1e-9)


def test_only_the_window_counts():
    # 300 W inside, 50 W outside: one reading too many on either side shows.
    step = readings(lambda t: 300.0 if 1.0 <= t <= 2.0 else 50.0, every(0.1, 3))
    assert mean(step, Window(1.05, 1.95)) == pytest.approx(300.0)


def test_a_constant_is_its_own_mean_and_time_is_in_seconds():
    flat = readings(lambda _: 142.0, every(0.05, 3))
    assert mean(flat, Window(0.51, 2.49)) == pytest.approx(142.0)
    assert integral(flat, Window(0.5, 2.5)) == pytest.approx(284.0)


@pytest.mark.parametrize("window", [Window(1.0, 1.2), Window(1.0, 1.0), Window(2.0, 1.0)])
def test_too_few_readings_are_an_error(window):
    with pytest.raises(WindowTooShortError):
        integral(readings(lambda _: 1.0, every(0.1, 3)), window)


def test_readings_that_stop_before_the_window_ends_are_an_error():
    for window in (Window(1.0, 9.0), Window(1.0, 3.3), Window(-0.3, 2.0)):
        with pytest.raises(WindowTooShortError, match="near an edge"):
            integral(readings(lambda _: 1.0, every(0.1, 3)), window)
    assert integral(readings(lambda _: 1.0, every(0.1, 3)), Window(1.0, 3.1)) == pytest.approx(2.1)


def counter(watts, step, poll, end, phase=0.0):
    """A counter that steps every `step` seconds under `watts`, read every `poll`."""
    return readings(
        lambda t: 5000 + watts * (math.floor((t - phase) / step + 1e-9) * step + phase),
        every(poll, end),
    )


def test_energy_from_step_to_step_is_exact_for_any_window():
    series = counter(200.0, 0.1, 0.01, 4, phase=0.005)
    for start in (0.51, 0.555, 0.599):
        joules, window = counted(series, Window(start, 3.21))
        assert joules / window.length_s == pytest.approx(200.0, rel=1e-9)
        # The plain difference of the readings at the edges would be off by up to a step: 20 J.
        assert window.start_s >= start
        assert window.end_s <= 3.21
        assert window.length_s > 2.7 - 0.2


def test_energy_between_steps_of_a_load_that_grows():
    """One step more or less would be 4 J."""

    def joules(t):
        return 5000 + 50 * t + 20 * t**2

    steps = readings(lambda t: joules(math.floor((t - 0.005) / 0.1 + 1e-9) * 0.1), every(0.01, 4))
    energy, window = counted(steps, Window(1.02, 3.01))
    assert [window.start_s, window.end_s] == pytest.approx([1.105, 3.005])
    assert energy == pytest.approx(joules(3.0) - joules(1.1), rel=1e-9)


def test_a_counter_that_does_not_change_is_an_error_and_not_0_joules():
    still = readings(lambda _: 7.0, every(0.01, 4))
    with pytest.raises(WindowTooShortError, match="got 0 steps"):
        counted(still, Window(0, 4))


def test_a_window_of_less_than_three_steps_is_too_short():
    with pytest.raises(WindowTooShortError, match="got 2 steps"):
        counted(counter(200.0, 0.1, 0.01, 4), Window(1.0, 1.195))


def test_seconds_dropped_at_the_start_of_a_load():
    fast = Channel("power", "instant", averaging_s=0.025)
    slow = Channel("power", "average", averaging_s=1.0)
    creeping = Channel("power", "kepler", averaging_s=0.1, settle_s=1.0)
    assert drop_s(fast, 0.02) == pytest.approx(0.1)
    assert drop_s(fast, 0.1) == pytest.approx(0.125)
    assert drop_s(slow, 0.1) == pytest.approx(1.1)
    assert drop_s(creeping, 0.1) == pytest.approx(1.2)
    assert delay_s(slow, 0.1) == pytest.approx(0.55)


def test_moving_a_window_keeps_its_length_and_its_parts_fill_it():
    window = Window(1.0, 3.0)
    assert window.moved(-0.5) == Window(0.5, 2.5)
    assert window.split(4) == [Window(1, 1.5), Window(1.5, 2), Window(2, 2.5), Window(2.5, 3)]

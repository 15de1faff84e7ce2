from __future__ import annotations

import pytest

from hwsearch.measurements import Quantity
from hwsearch.measuring.reading_checks import check_counter, disagreement, stale, without_jumps
from hwsearch.measuring.windows import Window
from hwsearch.meters.protocol import MeterReadError, Reading

STEADY = [Window(0.0, 10.0)]


def series(*values, period=0.1):
    return [Reading(n * period, value) for n, value in enumerate(values)]


def watts(value):
    return Quantity(value, 1.0, 1.0, 9, "W", "some source")


@pytest.mark.parametrize("bad", [1000.0, 5000.0, 10.0, 0.5])
def test_a_reading_that_is_wrong_by_a_factor_of_10_is_ignored_and_flagged(bad):
    readings = series(*[100.0] * 20, bad, *[100.0] * 20)
    good, (flag,) = without_jumps("m", "draw", readings, STEADY)
    assert [r.value for r in good] == [100.0] * 40
    assert flag.kind == "jump"
    assert flag.text.startswith("1 of 41 readings of draw jumped by 10x or more")


@pytest.mark.parametrize("value", [950.0, 11.0, 100.0])
def test_less_than_a_factor_of_10_is_kept(value):
    readings = series(*[100.0] * 20, value, *[100.0] * 20)
    assert without_jumps("m", "draw", readings, STEADY) == (readings, [])


def test_readings_outside_the_steady_load_are_not_checked():
    readings = series(*[2.0] * 5, *[100.0] * 20)
    assert without_jumps("m", "draw", readings, [Window(0.5, 3.0)]) == (readings, [])
    assert without_jumps("m", "draw", readings, []) == (readings, [])


def test_many_jumps_are_an_error():
    readings = series(*[100.0] * 17, 1000.0, 1000.0)
    with pytest.raises(MeterReadError, match=r"meter m: 2 of 19 readings.*another meter"):
        without_jumps("m", "draw", readings, STEADY)


def test_twenty_updates_and_a_second_without_a_change_are_stale():
    def flags(update_s):
        moving = [float(n) for n in range(10)]
        readings = series(*moving, *[50.0] * 31, *moving)  # stands still for 3.0 s
        return [flag.kind for flag in stale("draw", readings, update_s)]

    assert flags(0.1) == ["stale"]
    assert flags(0.15) == ["stale"]
    assert flags(0.16) == []
    assert stale("draw", series(*[5.0] * 10), 0.01) == []  # 0.9 s only
    assert stale("draw", [], 0.1) == []


def test_the_flag_states_for_how_long():
    (flag,) = stale("draw", series(*[50.0] * 101), 0.1)
    assert "did not change for 10.0 of 10.0 s" in flag.text


def test_more_than_ten_per_cent_apart():
    assert disagreement(watts(100.0), watts(109.9)) == []
    assert disagreement(watts(100.0), watts(90.1)) == []
    (flag,) = disagreement(watts(100.0), watts(89.0))
    assert flag.kind == "disagree"
    assert "100 W" in flag.text
    assert "89" in flag.text


def counter(joules, poll=0.02):
    """A counter that adds one of `joules` every 0.1 s, read every `poll` seconds."""
    total = [5000.0]
    for step in joules:
        total.append(total[-1] + step)
    times = [n * poll for n in range(int(len(joules) * 0.1 / poll))]
    return [Reading(t, total[int(t / 0.1 + 1e-9)]) for t in times]


def test_a_steady_counter_passes_even_if_it_is_read_late():
    readings = counter([20.0] * 40)
    check_counter("m", "joules", readings, STEADY)
    # Without readings for a while: three steps appear as one, and the next right after it.
    late = [r for r in readings if not 2.0 < r.time_s < 2.39]
    check_counter("m", "joules", late, STEADY)
    check_counter("m", "joules", [], STEADY)
    check_counter("m", "joules", counter([20.0]), STEADY)


def test_a_counter_that_jumps_by_a_factor_of_10_is_an_error():
    with pytest.raises(MeterReadError, match=r"^meter m: joules jumped by 10x or more"):
        check_counter("m", "joules", counter([20.0] * 20 + [300.0] + [20.0] * 20), STEADY)
    check_counter("m", "joules", counter([20.0] * 20 + [150.0] + [20.0] * 20), STEADY)
    # Outside the load it is not checked.
    idle = counter([1.0] * 20 + [20.0] * 20)
    check_counter("m", "joules", idle, [Window(0.0, 1.9)])


@pytest.mark.parametrize("steady", [STEADY, []])
def test_a_counter_that_decreases_is_an_error(steady):
    readings = [*counter([20.0] * 10), Reading(1.0, 3.0), Reading(1.1, 23.0)]
    with pytest.raises(MeterReadError, match="joules decreased from 5180 J to 3 J; measure again"):
        check_counter("m", "joules", readings, steady)

"""From readings in load periods to energy and images; a reading outside would show."""

from __future__ import annotations

import pytest

from hwsearch.measuring.segments import mean_watts, segments_of, settle_s, steady_window
from hwsearch.measuring.steady_load import LoadPeriod
from hwsearch.meters.protocol import Channel, WindowTooShortError
from tests.hwsearch.measuring.stand_ins import sampled

POWER = Channel("power", "draw", 0.1, 0.025)
ENERGY = Channel("energy", "counter", 0.1)


def load_period(start_s, end_s, batch_s=0.02):
    batches = round((end_s - start_s) / batch_s)
    return LoadPeriod(start_s, 10, [start_s + batch_s * (n + 1) for n in range(batches)])


def polled(value, until_s=6.0, poll=0.05):
    return [(n * poll, value(n * poll)) for n in range(round(until_s / poll))]


def test_what_is_dropped_at_both_ends_of_a_group():
    """Power: averaging and update at the start, 1.25 polls at both ends. Energy: the update."""
    window = steady_window(sampled(POWER, []), load_period(1.0, 2.0))
    assert [window.start_s, window.end_s] == pytest.approx([1.1875, 1.9375])
    assert settle_s(sampled(POWER, [])) == pytest.approx(0.25)
    window = steady_window(sampled(ENERGY, []), load_period(1.0, 2.0))
    assert [window.start_s, window.end_s] == pytest.approx([1.1, 2.0])
    assert settle_s(sampled(ENERGY, [])) == pytest.approx(0.1)


def test_power_is_integrated_and_its_window_is_when_it_was_drawn():
    load_periods = [load_period(float(n), n + 0.9) for n in range(1, 5)]
    sampler = sampled(POWER, polled(lambda t: 200.0 if t % 1 <= 0.9 else 50.0))
    segments = segments_of(sampler, load_periods, sampler.readings)
    assert len(segments) == 4
    for segment, load in zip(segments, load_periods, strict=True):
        assert segment.watts == pytest.approx(200.0)
        # Half of averaging and update earlier than the readings.
        assert segment.window.start_s == pytest.approx(load.start_s + 0.1875 - 0.0625)
        assert segment.joules_per_image == pytest.approx(200 * 0.02 / 10)
    assert list(mean_watts(segments)) == pytest.approx([200.0, 0.0], abs=1e-9)


def test_few_groups_are_divided_so_that_there_is_a_standard_error():
    sampler = sampled(POWER, polled(lambda t: 200.0 + t))
    (whole,) = segments_of(sampler, [load_period(1.0, 1.9)], sampler.readings)
    parts = segments_of(sampler, [load_period(1.0, 5.0)], sampler.readings)
    assert len(parts) == 4
    assert sum(part.images for part in parts) == pytest.approx(4 / 0.02 * 10, rel=0.1)
    assert mean_watts(parts)[1] > 0
    assert whole.window.length_s < 0.9


def test_a_counter_is_read_from_step_to_step():
    readings = polled(lambda t: 5000 + 20.0 * int(t / 0.1 + 1e-9), poll=0.01)
    sampler = sampled(ENERGY, readings)
    for segment in segments_of(sampler, [load_period(1.0, 5.0)], sampler.readings):
        assert segment.watts == pytest.approx(200.0)


def test_groups_that_are_too_short_are_ignored_unless_all_are():
    sampler = sampled(POWER, polled(lambda _: 200.0))
    short, good = load_period(1.0, 1.3), load_period(2.0, 3.0)
    assert segments_of(sampler, [short, good], sampler.readings)
    with pytest.raises(WindowTooShortError):
        segments_of(sampler, [short, short], sampler.readings)

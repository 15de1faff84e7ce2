from __future__ import annotations

from itertools import islice, pairwise

import pytest

from hwsearch.measuring.steady_load import LoadPeriod, load_periods, van_der_corput
from hwsearch.measuring.windows import Window
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import SleepingLoad


def test_images_of_a_window_count_batches_by_their_share_of_it():
    load_period = LoadPeriod(10.0, 8, [11.0, 13.0, 14.0])
    assert load_period.window == Window(10.0, 14.0)
    assert load_period.times == [1.0, 2.0, 1.0]
    assert load_period.images(Window(10.0, 14.0)) == 24
    assert load_period.images(Window(10.5, 11.0)) == 4
    assert load_period.images(Window(11.0, 13.0)) == 8
    assert load_period.images(Window(12.0, 13.5)) == 8
    assert load_period.images(Window(9.0, 20.0)) == 24


def test_groups_have_their_length_and_end_with_a_whole_batch():
    clock = VirtualClock()
    for load_period in islice(
        load_periods(SleepingLoad(clock, 0.03), clock, load_period_s=0.5, period_s=0.1), 20
    ):
        assert load_period.window.length_s == pytest.approx(0.51)
        assert len(load_period.ends_s) == 17


def test_starts_cover_the_sensors_period_evenly():
    clock = VirtualClock()
    starts = [
        g.start_s
        for g in islice(
            load_periods(SleepingLoad(clock, 0.037), clock, load_period_s=0.4, period_s=0.1), 8
        )
    ]
    phases = sorted(start / 0.1 % 1 for start in starts)
    steps = [b - a for a, b in zip(phases, [*phases[1:], phases[0] + 1], strict=True)]
    assert steps == pytest.approx([1 / 8] * 8, abs=1e-6)


def test_gaps_are_between_20_ms_and_20_ms_plus_one_period():
    clock = VirtualClock()
    found = list(
        islice(load_periods(SleepingLoad(clock, 0.02), clock, load_period_s=0.2, period_s=0.1), 30)
    )
    gaps = [b.start_s - a.window.end_s for a, b in pairwise(found)]
    assert min(gaps) >= 0.02 - 1e-9
    assert max(gaps) <= 0.12 + 1e-9


def test_a_sensor_with_a_new_value_at_every_read_has_no_rhythm_to_avoid():
    clock = VirtualClock()
    found = list(
        islice(load_periods(SleepingLoad(clock, 0.02), clock, load_period_s=0.2, period_s=0.0), 5)
    )
    gaps = [b.start_s - a.window.end_s for a, b in pairwise(found)]
    assert gaps == pytest.approx([0.02] * 4)


def test_van_der_corput_sequence():
    values = [van_der_corput(n) for n in range(8)]
    assert values == [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]

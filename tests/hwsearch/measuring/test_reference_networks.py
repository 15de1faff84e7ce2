"""Timing the references and keeping their times; the networks run in test_inference_load.py."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from hwsearch.measuring import reference_networks
from hwsearch.measuring.reference_networks import (
    SIZES,
    cache_dir,
    keras_references,
    time_references,
)
from hwsearch.testing.virtual_clock import VirtualClock
from tests.hwsearch.measuring.stand_ins import SleepingLoad


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "my cache é"))


def timed(monkeypatch, seconds, typical_s=0.0):
    """Nominal time of the first reference; the four take 1, 2, 4 and 8 times as long."""
    clock = VirtualClock()
    factors = dict(zip(SIZES, (1, 2, 4, 8), strict=True))
    monkeypatch.setattr(
        reference_networks, "_network", lambda *size: SleepingLoad(clock, factors[size] * seconds)
    )
    monkeypatch.setattr(reference_networks, "_key", lambda: "key")
    return keras_references(clock, typical_s)[0].nominal_s


def test_the_times_are_measured_once_and_kept_even_if_the_machine_is_faster_later(monkeypatch):
    assert timed(monkeypatch, 0.002) == pytest.approx(0.002)
    assert timed(monkeypatch, 0.003) == pytest.approx(0.002)
    (file,) = cache_dir().iterdir()
    kept = json.loads(file.read_text())["seconds_a_run"]
    assert kept == pytest.approx([0.002, 0.004, 0.008, 0.016])
    assert timed(monkeypatch, 0.003, typical_s=0.007) == pytest.approx(0.004)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"seconds_a_run": 0.002}',
        '{"seconds_a_run": ["x", 1, 1, 1]}',
        '{"seconds_a_run": [0.1, 0.1, 0.1]}',
        '{"seconds_a_run": [0.1, 0.1, 0.1, -1]}',
        '{"seconds_a_run": [0.1, NaN, 0.1, 0.1]}',
    ],
)
def test_a_damaged_file_is_replaced(monkeypatch, text):
    timed(monkeypatch, 0.002)
    (file,) = cache_dir().iterdir()
    file.write_text(text)
    assert timed(monkeypatch, 0.003) == pytest.approx(0.003)
    assert timed(monkeypatch, 0.004) == pytest.approx(0.003)


def test_a_read_only_home_costs_only_time(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert timed(monkeypatch, 0.002) == pytest.approx(0.002)


def test_the_default_folder_is_the_users_cache(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path.home() / ".cache" / "hyperpower"


def test_the_times_are_those_of_the_calmest_half_second():
    """A busy machine but for one stretch of time, and a third of all runs interrupted."""
    clock, rng = VirtualClock(), random.Random(0)

    class Disturbed(SleepingLoad):
        def run(self):
            calm = 1.9 <= clock.now() < 2.6
            interrupted = 0.010 if rng.random() < 0.3 else 0.0
            clock.sleep(
                self.seconds * rng.uniform(1.0, 1.03) * (1.0 if calm else 1.7) + interrupted
            )

    nominal = time_references([Disturbed(clock, 0.001), Disturbed(clock, 0.005)], clock)
    assert nominal == [pytest.approx(0.001, rel=0.02), pytest.approx(0.005, rel=0.02)]
    assert clock.now() == pytest.approx(6.3, abs=0.3)

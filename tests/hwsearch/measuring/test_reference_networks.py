"""The kept figure; the network itself is in test_load.py, calibration in test_timing.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwsearch.measuring import reference_networks
from hwsearch.measuring.reference_networks import (
    SIZES,
    Reference,
    cache_dir,
    keras_references,
    neighbours,
    slowdown,
)
from hwsearch.testing.virtual_clock import VirtualClock


class Load:
    images_per_run = 32

    def __init__(self, clock, seconds):
        self.clock, self.seconds = clock, seconds

    def run(self):
        self.clock.sleep(self.seconds)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "my cache é"))


def timed(monkeypatch, seconds, typical_s=0.0):
    """The first reference's time; four that take one to eight times as long are there."""
    clock = VirtualClock()
    factors = dict(zip(SIZES, (1, 2, 4, 8), strict=True))
    monkeypatch.setattr(
        reference_networks, "_network", lambda *size: Load(clock, factors[size] * seconds)
    )
    monkeypatch.setattr(reference_networks, "_key", lambda: "key")
    return keras_references(clock, typical_s)[0].nominal_s


def test_it_is_timed_once_and_then_kept_however_fast_the_machine_is_later(monkeypatch):
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
def test_a_spoilt_file_is_made_anew(monkeypatch, text):
    timed(monkeypatch, 0.002)
    (file,) = cache_dir().iterdir()
    file.write_text(text)
    assert timed(monkeypatch, 0.003) == pytest.approx(0.003)
    assert timed(monkeypatch, 0.004) == pytest.approx(0.003)


def test_a_home_that_cannot_be_written_costs_only_time(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert timed(monkeypatch, 0.002) == pytest.approx(0.002)


def test_the_default_folder_is_the_users_cache(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path.home() / ".cache" / "hyperpower"


@pytest.mark.parametrize(
    ("typical", "expected"),
    [
        (0.1, [0]),
        (1.0, [0]),
        (1.05, [0]),
        (1.2, [0, 1]),
        (2.0, [0, 1]),
        (2.1, [0, 1]),
        (2.3, [1, 2]),
        (6.0, [2, 3]),
        (8.7, [2, 3]),
        (8.9, [3]),
        (100.0, [3]),
    ],
)
def test_the_references_next_in_time(typical, expected):
    assert neighbours([1.0, 2.0, 4.0, 8.0], typical) == expected


def test_neighbours_whatever_the_order_of_times():
    assert neighbours([4.0, 1.0, 8.0, 2.0], 3.0) == [3, 0]


def test_the_slowdown_between_two_references():
    pair = [Reference(None, 1.0), Reference(None, 4.0)]
    assert slowdown(2.0, [2.0, 16.0], pair) == pytest.approx(2)
    assert slowdown(16.0, [2.0, 16.0], pair) == pytest.approx(4)
    # Halfway in the logarithm: twice its undisturbed 2 took sqrt(2 * 4).
    assert slowdown(32**0.5, [2.0, 16.0], pair) == pytest.approx(8**0.5)
    assert slowdown(0.5, [2.0, 16.0], pair) == pytest.approx(2)
    assert slowdown(99.0, [2.0, 16.0], pair) == pytest.approx(4)
    assert slowdown(5.0, [3.0], pair[:1]) == pytest.approx(3)

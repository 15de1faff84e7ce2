"""The kept figure; the network itself is in test_load.py, calibration in test_timing.py."""

import json
from pathlib import Path

import pytest

from hwsearch import reference
from hwsearch.clock import VirtualClock
from hwsearch.reference import cache_dir, keras_reference


class Load:
    images_per_run = 32

    def __init__(self, clock, seconds):
        self.clock, self.seconds = clock, seconds

    def run(self):
        self.clock.sleep(self.seconds)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "my cache é"))


def timed(monkeypatch, seconds):
    clock = VirtualClock()
    monkeypatch.setattr(reference, "_network", lambda: Load(clock, seconds))
    monkeypatch.setattr(reference, "_key", lambda: "key")
    return keras_reference(clock).nominal_s


def test_it_is_timed_once_and_then_kept_however_fast_the_machine_is_later(monkeypatch):
    assert timed(monkeypatch, 0.002) == pytest.approx(0.002)
    assert timed(monkeypatch, 0.003) == pytest.approx(0.002)
    (file,) = cache_dir().iterdir()
    assert json.loads(file.read_text())["seconds_a_run"] == pytest.approx(0.002)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"seconds_a_run": "x"}',
        '{"seconds_a_run": -1}',
        '{"seconds_a_run": NaN}',
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

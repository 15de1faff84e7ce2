"""Fixtures that tests of several packages share."""

from __future__ import annotations

import pytest

from hwsearch.meters.protocol import MeterUnavailableError


@pytest.fixture
def no_meters(monkeypatch, tmp_path):
    """A machine without power meters, whatever this one has. Returns the monkeypatch."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("HYPERPOWER_REPLAY", raising=False)
    for name, opened in (
        ("nvml", "nvml.NvmlMeter.start"),
        ("jetson", "jetson.JetsonMeter._open"),
        ("rapl", "rapl.RaplMeter._open"),
    ):
        monkeypatch.setattr(f"hwsearch.meters.{opened}", _unavailable(name))
    return monkeypatch


def _unavailable(name):
    def refuse(*_, **__):
        raise MeterUnavailableError(name, "not here", "buy one")

    return refuse

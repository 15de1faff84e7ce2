"""Fixtures that tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from hwsearch.meters.protocol import MeterUnavailableError
from tests.pseudo_terminal import Terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal with 60 columns and colours."""
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    opened = Terminal(60)
    yield opened
    opened.stream.close()
    os.close(opened.ours)


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

"""Fixtures that tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.meters.protocol import MeterUnavailableError
from hwsearch.template import Template
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
def prepared(tmp_path: Path) -> Callable[[str], Experiment]:
    """Makes an experiment of a template, in a folder whose name needs quoting, ready for jobs."""

    return partial(experiment_in, tmp_path)


def experiment_in(folder: Path, text: str) -> Experiment:
    """An experiment of a template in a new folder of this one, ready for jobs."""
    made = Experiment(folder / "it's é")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(text, encoding="utf-8")
    made.prepare()
    made.save_template(Template.from_file(made.template))
    return made


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

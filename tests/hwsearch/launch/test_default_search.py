"""The flags that run_tool.sh adds if no experiment is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.launch import default_search

DIGITS = ["--experiment", "/root/experiments/digits"]
LIMITS = ["--optimize", "error", "--max_finished_jobs", "20"]
BUDGET = ["--constraint", "runtime", "--constraint_val", "33%"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty at first."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ([], [*DIGITS, *LIMITS, *BUDGET]),
        (["--epochs", "3", "--debug"], [*DIGITS, *LIMITS, *BUDGET]),
        (["--resume"], DIGITS),
        (["--resume", "--constraint", "power"], DIGITS),
        (["--constraint", "macs", "--constraint_val", "1e6"], [*DIGITS, *LIMITS]),
        (["--optimize=runtime"], [*DIGITS, *LIMITS]),
        (["--maximize", "val_accuracy"], [*DIGITS, *LIMITS[2:]]),
        (["--minimize=val_loss", "--optimize", "error"], [*DIGITS, *LIMITS[2:]]),
        (["--experiment", "mine"], []),
        (["--list-meters"], []),
        (["--unknown"], [*DIGITS, *LIMITS, *BUDGET]),
    ],
)
def test_what_is_added(programs: Path, given: list[str], added: list[str]) -> None:
    assert default_search.completed(given, Path("/root")) == [*added, *given]


@pytest.mark.parametrize(
    ("status", "used", "metric", "note"),
    [
        (0, True, "power", ""),
        (9, True, "runtime", ""),
        (
            0,
            False,
            "runtime",
            "note: nvidia-smi works, but Keras runs on the CPU: the budget bounds runtime\n",
        ),
    ],
)
def test_the_budget_is_power_if_keras_uses_an_nvidia_gpu(
    programs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    used: bool,
    metric: str,
    note: str,
) -> None:
    monkeypatch.setattr(default_search, "keras_uses_gpu", lambda: used)
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)
    flags = default_search.completed([], Path("/root"))
    assert flags[flags.index("--constraint") + 1] == metric
    assert capsys.readouterr() == ("", note)

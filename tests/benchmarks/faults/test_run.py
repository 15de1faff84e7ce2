from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults import run
from benchmarks.faults.databases import SQLITE, Places
from benchmarks.faults.plan import KILL, Trial


@pytest.mark.parametrize(("faults", "status"), [([], 0), (["1 lost"], 1)])
def test_the_exit_status_says_whether_anything_was_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    faults: list[str],
    status: int,
) -> None:
    def part(places: Places, databases: list[str], args: argparse.Namespace) -> Iterator[run.Table]:
        yield "parts", [{"faults": faults}], "the table"

    monkeypatch.setattr(run, "PARTS", {"part": part})
    assert run.main(["--results", str(tmp_path / "new")]) == status
    assert json.loads((tmp_path / "new" / "parts.jsonl").read_text()) == {"faults": faults}
    assert "the table" in capsys.readouterr().out


def test_a_trial_that_cannot_be_run_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: Trial, places: Places) -> None:
        raise ValueError("no")

    monkeypatch.setattr(Trial, "run", broken)
    one = Trial(KILL, 3, SQLITE, 0, 1.0)
    with Places(tmp_path) as places:
        (result,) = run.run_trials([one], places, 1)
    assert result["faults"] == ["ValueError: no"]
    assert (result["kind"], result["number"], result["database"]) == (KILL, 3, SQLITE)

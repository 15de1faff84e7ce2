"""HyperPower beside other optimisers on networks that are really trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.paper import live, live_report


@pytest.mark.slow
def test_each_search_trains_within_the_budget_and_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "live.jsonl"
    arguments = ["--methods", "hw_cwei", "random", "--seeds", "1", "--results", str(file)]
    arguments += ["--networks", "1", "--epochs", "1", "--seconds", "5000", "--bound", "1.0"]
    assert live.main(arguments) == 0
    runs = live_report.read(file)
    levels = {"hw_cwei": ("gate", "unaware"), "random": ("gate", "all")}
    assert list(runs) == [(method, level, 1) for method in levels for level in levels[method]]
    for run in runs.values():
        (trial,) = run["trials"]
        assert 0 < trial["error"] < 100
        assert 0 < trial["runtime_s"] < 0.01
        assert trial["within"]
        assert 0 < trial["end_s"] < 5000
    before = file.read_text()
    capsys.readouterr()
    assert live.main(arguments) == 0
    assert file.read_text() == before
    assert "| hw_cwei | unaware | 1 | 1 | 1 | 0 % |" in capsys.readouterr().out


def test_a_trial_says_whether_the_budget_is_met() -> None:
    found = live.trial(12.345, {"error": 7.25, "runtime": -2e-6}, 1e-5)
    assert found == {"end_s": 12.35, "error": 7.25, "runtime_s": 1.2e-5, "within": False}
    # Neither trained nor measured.
    unknown = live.trial(1.0, {"error": float("nan"), "runtime": float("nan")}, 1e-5)
    assert unknown == {"end_s": 1.0, "error": None, "runtime_s": None, "within": False}


def test_peers_search_with_the_gate_and_without() -> None:
    assert live.wanted(["random_walk"], 1) == [
        ("random_walk", "gate", 1),
        ("random_walk", "unaware", 1),
    ]
    assert live.wanted(["hyperpower", "optuna_gp"], 2) == [
        ("hyperpower", "gate", 1),
        ("optuna_gp", "gate", 1),
        ("optuna_gp", "all", 1),
        ("hyperpower", "gate", 2),
        ("optuna_gp", "gate", 2),
        ("optuna_gp", "all", 2),
    ]


def test_searches_that_are_compared_have_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    args = live.parse(["--results", "/nowhere"])
    monkeypatch.setattr(live, "calibrated", lambda share, place: share / 1e6)
    runs = {("optuna_gp", "all", 2): {"bound": 1e-5}}
    assert live.bound_of(("hyperpower", "gate", 2), runs, args) == 1e-5
    assert live.bound_of(("hyperpower", "gate", 3), runs, args) == 15e-6
    assert live.bound_of(("hw_ieci", "gate", 2), runs, args) == 15e-6
    args.bound = 2e-5
    assert live.bound_of(("hw_ieci", "gate", 2), runs, args) == 2e-5


def test_only_searches_of_the_same_length_share_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "live.jsonl"
    run = {"method": "random", "level": "all", "seed": 1, "bound": 1e-5, "seconds": 60.0}
    file.write_text(json.dumps(run | {"epochs": None, "load": 0.0, "trials": []}) + "\n")
    with pytest.raises(SystemExit) as end:
        live.main(["--results", str(file), "--seconds", "90"])
    assert end.value.code == 2
    assert "--seconds: got 90.0; expected 60.0, as in" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        live.main(["--results", str(file), "--seconds", "60", "--bound", "2e-5"])
    assert "--bound: got 2e-05; expected 1e-05, as in" in capsys.readouterr().err

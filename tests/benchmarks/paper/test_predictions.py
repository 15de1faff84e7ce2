from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.optimiser.problems import digits
from benchmarks.paper.predicted_search import Table
from benchmarks.paper.predictions import Gate, main, read, replay, report
from benchmarks.paper.replay import BUILD_S, PROFILE_S


def test_a_replayed_search_uses_fewer_measurements_with_predictions() -> None:
    plain, predicted = replay(0.05, "off", "all", 3), replay(0.05, "6 %", "all", 3)
    assert plain["found"]
    assert predicted["found"]
    assert plain["checks"] == plain["jobs"]
    assert predicted["measured"] < plain["measured"]
    assert predicted["measured"] <= predicted["jobs"]
    assert (predicted["first"], predicted["trained_over"]) == (0, 0)
    # By the clock, each candidate is built, and each job once more.
    trained_s = predicted["seconds"] - PROFILE_S * predicted["measured"]
    trained_s -= BUILD_S * (predicted["jobs"] + predicted["checks"])
    assert 0 < trained_s < 20 * predicted["trained"]
    text = report([plain, predicted])
    assert f"| 5 % | off | all | {plain['jobs']:.1f} | {plain['measured']:.1f} |" in text
    assert "0 of 1 |" in text


def test_networks_are_trained_first_and_measured_if_they_could_be_the_best() -> None:
    table = Table(0.4, "6 %", 0)
    rows = sorted(digits.rows().items(), key=lambda entry: entry[1]["error"])
    within = [where for where, row in rows if row["latency_s"] <= table.bound]
    good, bad = within[0], within[-1]
    over = next(where for where, row in rows if row["latency_s"] > table.bound)
    likely = {"probability": 0.999, "compared": 4}

    gate = Gate(table, "needed")
    assert gate.evaluate(good, likely)["values"]["latency"] > 0, "nothing is better yet"
    assert (gate.first, gate.left, gate.measured) == (1, 0, 1)
    left = gate.evaluate(bad, likely)
    assert left["unmeasured"] == ["latency"]
    assert (gate.first, gate.left, gate.measured) == (2, 1, 1)
    train_s = sum(digits.rows()[where]["train_s"] for where in (good, bad))
    assert gate.seconds == pytest.approx(2 * BUILD_S + PROFILE_S + train_s)
    gate.evaluate(over, likely | {"compared": 3})
    gate.evaluate(over, likely)
    assert (gate.first, gate.measured, gate.trained_over) == (2, 2, 0), "its layers are measured"

    gate = Gate(table, "best")
    assert gate.evaluate(over, likely | {"probability": 0.02})["values"]["latency"] < 0
    assert (gate.first, gate.measured, gate.trained_over) == (1, 1, 1)


def test_searches_are_kept_and_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.jsonl"
    arguments = ["--seeds", "1", "--shares", "0.4", "--kinds", "off", "6 %", "--policies", "all"]
    arguments += ["--length", "3", "--results", str(file)]
    main(arguments)
    first = capsys.readouterr()
    before = file.read_text()
    assert list(read(file)) == [(0.4, kind, "all", 0, 3) for kind in ("off", "6 %")]
    assert "| 40 % | 6 % | all | 3.0 |" in first.out
    file.write_text(before.splitlines(keepends=True)[0])
    main(arguments)
    again = capsys.readouterr()
    assert (file.read_text(), again.out) == (before, first.out)
    assert again.err == "0.4 6 % all 0 3\n"

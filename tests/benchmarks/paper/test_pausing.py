"""The replay of paused trainings, on a small table of exponential curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.paper.curve_tables import Table, tasks_of
from benchmarks.paper.pausing import RULES, Run, report

EPOCHS = 16


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.001, 1.0, (60, 2))
    limits = 0.1 + ((np.log(x) - np.log(0.03)) ** 2).sum(axis=1) / 20
    curves = limits[:, None] / 2 + 0.4 * np.exp(-0.4 * np.arange(EPOCHS + 1))
    curves[3, 5:] = np.nan
    path = tmp_path / "table.npz"
    np.savez(path, **{"task|loss": curves, "task|X": x})
    return path


def test_rules_reach_the_best_setting_and_the_report_says_when(table: Path) -> None:
    assert tasks_of(table) == ["task"]
    lines = []
    for rule in RULES:
        run = Run(Table(table, "task"), rule, 0).until(8 * EPOCHS)
        costs, losses = zip(*run.trace, strict=True)
        assert list(costs) == sorted(costs)
        assert list(losses) == sorted(losses, reverse=True)
        assert all(run.done[i] == EPOCHS or rule != "off" for i in run.done)
        assert run.cost >= 8 * EPOCHS or len(run.done) == 60
        lines.append({"task": "task", "seed": 0, "rule": rule, "trace": run.trace})
    ends = {line["rule"]: line["trace"][-1][1] for line in lines}
    assert ends["freeze-thaw"] < ends["off"] + 0.1
    rows = report(lines)
    assert [row.split(" | ")[0] for row in rows[2:]] == [f"| {rule}" for rule in RULES[1:]]

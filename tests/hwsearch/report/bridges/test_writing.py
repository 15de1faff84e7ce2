"""What is said about a run that was written for another tool."""

from __future__ import annotations

import pytest

from hwsearch.experiment import Settings
from hwsearch.report.bridges import writing
from hwsearch.report.run_table import RunTable


@pytest.mark.parametrize(
    ("tool", "function", "line"),
    [
        (
            "optuna",
            "write_study",
            "1 finished job written; to see: optuna-dashboard sqlite:///a\\n",
        ),
        (
            "tensorboard",
            "write_events",
            "1 finished job written; to see: tensorboard --logdir a\\n",
        ),
        ("mlflow", "write_runs", "1 finished job added to the experiment HyperPower of a\\n"),
    ],
)
def test_the_line_says_how_to_look_at_it(
    monkeypatch: pytest.MonkeyPatch, tool: str, function: str, line: str
) -> None:
    monkeypatch.setattr(writing, function, lambda *_: 1)
    table = RunTable.of_run(Settings("run", "error"), [])
    assert writing.write(table, None, tool, "a\n") == line

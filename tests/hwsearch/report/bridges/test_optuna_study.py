"""A run as a study that Optuna and optuna-dashboard read."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.report.bridges import optuna_study
from hwsearch.report.run_table import RunTable
from tests.bridges.tools import read_back

EMPTY = RunTable.of_run(Settings("run", "error"), [])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_back("optuna", tmp_path_factory.mktemp("optuna"))


@pytest.mark.slow
@pytest.mark.bridge
def test_the_study(found: Any) -> None:
    assert found["counts"] == [2, 4, 4]
    assert (found["direction"], found["metric"]) == ("MAXIMIZE", ["val_auc"])
    assert found["attributes"]["constraints, in the order of each trial"] == ["power below 85 W"]
    assert found["best"] == 0  # the other one is over the budget


@pytest.mark.slow
@pytest.mark.bridge
def test_trials(found: Any) -> None:
    first, second, rejected, broken = found["trials"]
    assert (first["state"], first["values"], first["seconds"]) == ("COMPLETE", [0.75], 60.0)
    assert first["params"] == {"units": 16, "drop": 0.2, "kernel": "[3, 3]"}
    assert first["intermediate"] == {"1": 0.375, "2": 0.75}
    assert first["user"]["power (W)"] == 84.5
    assert first["user"]["job"] == 1
    assert first["constraints"] == pytest.approx([-0.5 / 85])
    assert (second["state"], second["constraints"]) == ("COMPLETE", pytest.approx([0.1]))
    assert second["params"] == {"units": 32, "drop": 0.2, "kernel": "True", "odd ü": 4}
    assert (rejected["state"], rejected["values"]) == ("PRUNED", None)
    assert rejected["constraints"] == pytest.approx([1.0])
    assert (broken["state"], broken["user"]["state"]) == ("FAIL", "broken")
    assert broken["user"]["reason"] == "</script> \\x1b[31m"


@pytest.mark.slow
@pytest.mark.bridge
def test_distributions_are_in_the_scripts_values_and_hold_all_of_them(found: Any) -> None:
    assert found["distributions"] == {
        "units": "IntDistribution(high=1024, log=True, low=16, step=1)",
        "drop": "FloatDistribution(high=0.5, log=False, low=0.0, step=None)",
        "kernel": "CategoricalDistribution(choices=('[3, 3]', '1', 'True', 'None', '[5, 5]'))",
        "odd ü": "IntDistribution(high=7, log=False, low=1, step=3)",
    }


@pytest.mark.slow
@pytest.mark.bridge
def test_the_dashboard_shows_states_and_constraints(found: Any) -> None:
    assert found["dashboard"] == [
        ["Complete", pytest.approx([-0.5 / 85]), 3],
        ["Complete", pytest.approx([0.1]), 4],
        ["Pruned", pytest.approx([1.0]), 3],
        ["Fail", pytest.approx([1.0]), 3],
    ]


@pytest.mark.slow
@pytest.mark.bridge
def test_a_study_that_was_continued_is_not_replaced(found: Any) -> None:
    assert "with trial 4, which is not a job; expected another file" in found["continued"]


def test_without_optuna_a_line_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UserError, match=r"--export optuna: .* -m pip install optuna$"):
        optuna_study.write_study(EMPTY, None, tmp_path / "a.db")


@pytest.mark.parametrize("content", ["text", "tables"])
def test_a_file_of_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", object())  # it is not reached
    file = tmp_path / "a.db"
    if content == "text":
        file.write_text("some text" * 100)
    else:
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE jobs (id)")
        database.close()
    before = file.read_bytes()
    with pytest.raises(UserError, match="expected a new file, or an SQLite file of Optuna's"):
        optuna_study.write_study(EMPTY, None, file)
    assert file.read_bytes() == before
    with pytest.raises(UserError, match="no such folder"):
        optuna_study.write_study(EMPTY, None, tmp_path / "none" / "a.db")

"""A run as nested runs of MLflow."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.report.bridges.mlflow_runs import write_runs
from hwsearch.report.run_table import RunTable
from tests.bridges.tools import read_back


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_back("mlflow", tmp_path_factory.mktemp("mlflow"))


@pytest.mark.slow
@pytest.mark.bridge
def test_jobs_are_added_once_and_interrupted_ones_again(found: Any) -> None:
    assert found["counts"] == [2, 2, 0]
    assert sorted(found["jobs"]) == ["1", "2", "3", "4"]


@pytest.mark.slow
@pytest.mark.bridge
def test_the_run_of_the_search(found: Any) -> None:
    params, metrics, tags = found["search"]
    assert params == {"objective": "val_auc", "direction": "maximise"}
    assert metrics == {"best/val_auc": 0.75, "best/power": 84.5}
    assert tags["hyperpower.best_job"] == "1"
    assert tags["bound of power"] == "below 85 W"


@pytest.mark.slow
@pytest.mark.bridge
def test_the_bounds_are_those_of_the_latest_export(found: Any) -> None:
    other, none = found["later"]
    assert (other["bound of power"], other["hyperpower.best_job"]) == ("below 95 W", "2")
    assert "bound of power" not in none


@pytest.mark.slow
@pytest.mark.bridge
def test_the_run_of_a_job(found: Any) -> None:
    first = found["jobs"]["1"]
    assert (first["status"], first["nested"], first["seconds"]) == ("FINISHED", True, 60.0)
    assert first["params"] == {"units": "16", "drop": "0.2", "kernel": "[3, 3]"}
    assert first["metrics"] == {
        "val_auc": 0.75,
        "power": 84.5,
        "epoch/val_auc": 0.75,
        "epoch/loss": 0.5,
    }
    assert first["tags"]["unit of power"] == "W"
    assert found["history"] == [[1, 0.375], [2, 0.75]]
    assert found["jobs"]["3"]["tags"]["hyperpower.state"] == "rejected"
    assert found["jobs"]["4"]["status"] == "FAILED"


@pytest.mark.slow
@pytest.mark.bridge
def test_a_place_that_mlflow_refuses_is_one_line(found: Any) -> None:
    assert found["nowhere"].startswith("--mlflow: nonsense://x: ")
    assert "\n" not in found["nowhere"]


def test_without_mlflow_a_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    table = RunTable.of_run(Settings("run", "error"), [])
    with pytest.raises(UserError, match=r"--mlflow: .* -m pip install mlflow$"):
        write_runs(table, "sqlite:///a.db")

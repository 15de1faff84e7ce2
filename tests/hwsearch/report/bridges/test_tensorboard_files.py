"""A run as event files that TensorBoard and its HParams page read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.report.bridges.tensorboard_files import write_events
from hwsearch.report.run_table import RunTable
from tests.bridges.tools import read_back

FOLDER = "hyperpower-1 é"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_back("tensorboard", tmp_path_factory.mktemp("tensorboard"))


@pytest.mark.slow
@pytest.mark.bridge
def test_sessions_of_the_hparams_page(found: Any) -> None:
    assert found["count"] == 4
    sessions = found["sessions"]
    assert sorted(sessions) == [f"{FOLDER}/job-0000000{number}" for number in (1, 2, 3, 4)]
    first = sessions[f"{FOLDER}/job-00000001"]
    assert first == {
        "status": "STATUS_SUCCESS",
        "hparams": {"units": 16.0, "drop": 0.2, "kernel": "[3, 3]"},
        "metrics": {"val_auc": 0.75, "power (W)": 84.5},
    }
    assert sessions[f"{FOLDER}/job-00000002"]["hparams"]["kernel"] == "True"
    assert sessions[f"{FOLDER}/job-00000003"]["metrics"] == {"power (W)": 170.0}
    assert sessions[f"{FOLDER}/job-00000004"]["status"] == "STATUS_FAILURE"


@pytest.mark.slow
@pytest.mark.bridge
def test_the_hyperparameters_have_ranges(found: Any) -> None:
    hparams = found["hparams"]
    assert hparams["units"]["domainInterval"] == {"minValue": 16.0, "maxValue": 1024.0}
    assert set(hparams["kernel"]["domainDiscrete"]) == {"[3, 3]", "1", "True", "None", "[5, 5]"}
    assert found["metrics"] == ["val_auc", "power (W)"]


@pytest.mark.slow
@pytest.mark.bridge
def test_learning_curves_are_scalars_and_stand_there_once(found: Any) -> None:
    assert found["curve"] == [[1, 0.375], [2, 0.75]]


def test_without_tensorboard_a_line_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    table = RunTable.of_run(Settings("run", "error"), [])
    with pytest.raises(UserError, match=r"--tensorboard: .* -m pip install tensorboard$"):
        write_events(table, None, tmp_path)

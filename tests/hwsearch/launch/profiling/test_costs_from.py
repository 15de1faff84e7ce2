"""Profiles of another experiment are copied into this one."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch.earlier_runs.learning import local_device
from hwsearch.launch.machine import libraries
from hwsearch.launch.profiling.costs_from import adopt
from hwsearch.predicting.records import Platform
from hwsearch.predicting.store import Store
from tests.hwsearch.predicting.samples import HERE, records


def here():
    device = local_device([])
    return Platform(device.kind, device.name, libraries.backend())


@pytest.fixture
def experiments(tmp_path):
    mine, other = (Experiment(tmp_path / name) for name in ("mine", "other one"))
    for one in [*records(3, platform=here()), *records(2, seed=1)]:
        Store(other.hardware).keep(one)
    return mine, other


def test_those_of_this_device(experiments):
    mine, other = experiments
    text = adopt(str(other.folder), Settings("run", "error"), mine)
    assert text == "note: 3 networks of other one inform the hardware models of this template"
    assert len(Store(mine.hardware).others(here())["other one"]) == 3
    assert Store(mine.hardware).others(HERE) == {}


def test_jobs_that_run_elsewhere_may_be_on_any_device(experiments):
    mine, other = experiments
    adopt(str(other.folder), Settings("run", "error", scheduler="slurm"), mine)
    assert len(Store(mine.hardware).others(HERE)["other one"]) == 2


def test_another_device(experiments):
    mine, other = experiments
    for path in (other.hardware / "profiles").glob("0-*"):
        path.unlink()
    with pytest.raises(UserError, match="costs differ between devices"):
        adopt(str(other.folder), Settings("run", "error"), mine)

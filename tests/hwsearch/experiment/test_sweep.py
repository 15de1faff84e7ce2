"""Several budgets in one run."""

from __future__ import annotations

import pytest

from hwsearch.budget import AtLeast
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.experiment.sweep import Sweep, following, loosest_first, searched

SETTINGS = Settings(
    "run", "error", {"macs": 9.0, "power": 80.0}, sweep={"power": [80.0, 70.0, 60.0]}
)


def test_one_budget_after_the_other():
    second = following(SETTINGS)
    assert second.constraints == {"macs": 9.0, "power": 70.0}
    assert second.former_constraints == [{"macs": 9.0, "power": 80.0}]
    third = following(second)
    assert third.constraints["power"] == 60.0
    assert [one["power"] for one in third.former_constraints] == [80.0, 70.0]
    assert following(third) is None
    assert Settings.from_json(third.to_json()) == third
    assert SETTINGS.constraints["power"] == 80.0
    assert following(Settings("run", "error", {"power": 80.0})) is None


def test_the_budgets_that_were_searched():
    second = following(SETTINGS)
    found = [one.constraints for one in searched(second)]
    assert found == [{"macs": 9.0, "power": 80.0}, {"macs": 9.0, "power": 70.0}]
    alone = Settings("run", "error", {"power": 80.0})
    assert searched(alone) == [alone]


def test_each_budget_has_its_share_of_the_limits():
    stages = [SETTINGS, following(SETTINGS), following(following(SETTINGS))]
    sweeps = list(map(Sweep.of, stages))
    assert [sweep.jobs(10) for sweep in sweeps] == [4, 7, 10]
    assert [sweep.seconds(60.0) for sweep in sweeps] == [20.0, 30.0, 60.0]
    assert [sweep.is_last for sweep in sweeps] == [False, False, True]
    assert [sweep.left for sweep in sweeps] == [3, 2, 1]


def test_the_loosest_bound_comes_first():
    assert loosest_first([60.0, 80.0, 70.0]) == [80.0, 70.0, 60.0]
    assert loosest_first([AtLeast(0.9), AtLeast(0.5)]) == [AtLeast(0.5), AtLeast(0.9)]


@pytest.mark.parametrize("sweep", [{"power": [80.0]}, {"power": [80.0, "x"]}, {"watts": [2, 1]}])
def test_what_settings_json_may_not_have(sweep):
    document = SETTINGS.to_json() | {"sweep": sweep}
    with pytest.raises(UserError, match=r"sweep: got .*; expected lists of at least two bounds"):
        Settings.from_json(document)

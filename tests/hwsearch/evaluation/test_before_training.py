"""What is known and said of a network before it is trained."""

from __future__ import annotations

from typing import Any

import pytest

from hwsearch.costs import Costs
from hwsearch.evaluation.before_training import rejection_of, tell, tell_predicted, with_costs
from hwsearch.evaluation.job import Job
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Quantity
from hwsearch.template import Template
from tests.small_template import TEMPLATE

SETTINGS = Settings("run", "error", {"power": 85.0, "params": 1000})


@pytest.fixture
def job(tmp_path: Any) -> Job:
    return Job(Experiment(tmp_path), SETTINGS, Template.parse(TEMPLATE), 7, {"units": 5})


def costs(power: float, params: float = 900.0) -> Costs:
    return Costs(
        {
            "power": Quantity(power, 0.5, unit="W", source="a meter"),
            "params": Quantity(params, 0.0, source="computed from the model"),
        }
    )


def test_every_bound_that_is_exceeded_is_named() -> None:
    assert rejection_of(costs(84.0), SETTINGS) == ""
    text = rejection_of(costs(90.0), SETTINGS)
    assert text == "rejected before training: power 90.0 ± 0.5 W is over the budget of 85 W"
    both = rejection_of(costs(90.0, 1001), SETTINGS)
    assert both.startswith(text + ", params 1,001 parameters is over the budget of 1,000 ")


def test_an_unaware_search_rejects_nothing() -> None:
    assert rejection_of(costs(90.0), Settings("run", "error", {"power": 85.0}, unaware=True)) == ""


def test_costs_are_told_with_their_budgets(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    found = costs(84.0)
    found.notes.append("a\x1b[2J note")
    tell(found, job, ["power"])
    tell_predicted({"power": Quantity(80.0, 2.0, source="predicted")}, job)
    assert capsys.readouterr().out.splitlines() == [
        "power: 84.0 ± 0.5 W (budget 85 W); a meter",
        "note: a\\x1b[2J note",
        "power: not measured yet; 80 ± 2 W (budget 85 W) is predicted",
    ]


def test_notes_of_the_costs_follow_those_of_the_network() -> None:
    found = costs(84.9)
    found.uncertain, found.measured_again, found.as_job = ["power"], True, 3
    found.notes.append("later")
    both = with_costs(Measurements(notes=("earlier",), seed=7), found)
    assert both.notes == ("earlier", "later")
    assert (both.uncertain, both.measured_again, both.as_job) == (("power",), True, 3)
    assert (both.seed, both.metrics["power"].value, both.profile) == (7, 84.9, None)

"""The columns of a run's table."""

from __future__ import annotations

import math

import pytest

from hwsearch.budget import AtLeast
from hwsearch.experiment.settings import Settings
from hwsearch.report.columns import of_settings, of_task


def test_the_objective_is_first_then_bounds_then_what_else_was_measured():
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.9), "power": 85}, maximize=True)
    columns = of_settings(settings, {"val_loss", "macs", "runtime", "power", "val_auc"})
    assert [column.name for column in columns] == [
        "val_auc",
        "val_recall",
        "power",
        "runtime",
        "macs",
        "val_loss",
    ]
    auc, recall, power = columns[:3]
    assert (auc.objective, auc.maximised, auc.condition) == (True, True, "")
    assert (recall.maximised, recall.condition) == (True, "at least 0.9")
    assert (power.maximised, power.unit, power.condition) == (False, "W", "below 85 W")
    assert (recall.met(0.9), recall.met(0.89), power.met(85), power.met(85.5)) == (
        True,
        False,
        True,
        False,
    )


@pytest.mark.parametrize("outcome", [False, True])
def test_a_task_has_no_unit_even_if_it_is_called_power(outcome):
    column = of_task("power", objective=False, outcome=outcome)
    assert column.shown(1234567.0) == "1.23457e+06"
    assert column.shown(math.nan) == "unknown"
    assert column.condition == f"at least {outcome:d}"
    assert column.met(1.0)
    assert column.met(0.0) is not outcome
    assert not column.met(math.nan)


def test_a_value_without_a_bound_is_met_if_it_is_known():
    [column] = of_settings(Settings("run", "runtime"))
    assert column.met(1.0)
    assert not column.met(math.nan)
    assert column.shown(9.4e-6, 2e-7) == "9.4 ± 0.2 µs/image"


def test_the_direction_of_other_metrics_is_known_by_their_names():
    columns = of_settings(Settings("run", "error"), {"val_accuracy", "val_loss", "runtime"})
    higher = {column.name: column.maximised for column in columns}
    assert higher == {"error": False, "val_accuracy": True, "val_loss": False, "runtime": False}

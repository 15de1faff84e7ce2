"""The models' numbers in the units of people."""

from __future__ import annotations

import pytest

from hwsearch.budget import AtLeast
from hwsearch.report.columns import Column
from hwsearch.report.page.models import in_units
from hwsearch.report.page.scales import Scale
from hwsearch.template import Template
from tests.hwsearch.report.page.samples import template


def model(values, variable="units", at=(1, 2), element=None):
    """The optimiser's view of a task at two points."""
    low, high = [v - 1e-6 for v in values], [v + 1e-6 for v in values]
    ends = {"low": low, "high": high}
    return {
        "observations": 2,
        "importance": {
            "rate": {"first": [0.0, 0.1, 0.2], "total": [0.1, 0.2, 0.3]},
            "units": {"first": [0.2, 0.4, 0.9], "total": [0.5, 0.7, 0.9]},
        },
        "fit": {"jobs": [1, 2], "measured": values, "predicted": values, "explained": 0.5, **ends},
        "slices": [
            {"variable": variable, "element": element, "values": list(at), "median": values, **ends}
        ],
    }


def shown(column, values, scale, of=template, **more):
    [found] = in_units({column.name: model(values, **more)}, [column], {column.name: scale}, of())
    return found


def test_margins_become_costs():
    column = Column("runtime", "s/image", bound=6e-6)
    found = shown(column, [1e-6, -2e-6], Scale(1e6, "µs/image"))
    assert found["fit"]["measured"] == [5.0, 8.0]
    assert found["fit"]["low"] == [4.0, 7.0]
    assert found["fit"]["high"] == [6.0, 9.0]
    assert found["fit"]["inside"] == 2
    assert found["slices"][0]["median"] == [5.0, 8.0]


def test_a_bound_that_must_be_reached_and_a_maximised_objective():
    column = Column("val_auc", bound=AtLeast(0.9), maximised=True)
    assert shown(column, [0.05, -0.1], Scale())["fit"]["measured"] == [0.95, 0.8]
    best = Column("val_auc", objective=True, maximised=True)
    found = shown(best, [-0.95, -0.8], Scale())
    assert found["fit"]["measured"] == [0.95, 0.8]
    assert found["fit"]["low"][0] < 0.95 < found["fit"]["high"][0]


def test_values_of_tasks_stay_as_they_are():
    column = Column("c", bound=AtLeast(0.0), maximised=True, is_task=True)
    assert shown(column, [-3.0, 2.0], Scale())["fit"]["measured"] == [-3.0, 2.0]


def test_no_prediction_is_outside_the_limits_of_its_metric():
    found = shown(Column("error", "%", objective=True), [-2.0, 300.0], Scale(1.0, "%"))
    assert found["fit"]["predicted"] == [0.0, 100.0]
    accuracy = Column("val_accuracy", objective=True, maximised=True)
    found = shown(accuracy, [-1.25, 0.5], Scale())
    assert found["fit"]["predicted"] == found["slices"][0]["median"] == [1.0, 0.0]
    assert (found["fit"]["low"], found["fit"]["high"]) == ([1.0, 0.0], [1.0, 0.0])
    assert found["fit"]["measured"] == [1.25, -0.5], "what the script reported"
    bounded = Column("val_cosine_similarity", bound=AtLeast(0.5), maximised=True)
    assert shown(bounded, [1.0, -2.0], Scale())["fit"]["predicted"] == [1.0, -1.0]
    own = Column("val_dice", objective=True, maximised=True)
    assert shown(own, [-1.25, 0.5], Scale())["fit"]["predicted"] == [1.25, -0.5]


def test_slices_are_along_the_values_of_the_script():
    error = Column("error", "%", objective=True)
    [entry] = shown(error, [1.0, 2.0], Scale())["slices"]
    assert entry["name"] == "units"
    assert entry["values"] == [8, 16]
    [entry] = shown(error, [1.0, 2.0], Scale(), variable="rate", at=(1.0, 2.0))["slices"]
    assert entry["values"] == pytest.approx([0.1, 0.01])
    for others in ([99, 1], ["gone", "1"]):  # from before a change of the template
        [entry] = shown(error, [1.0, 2.0], Scale(), at=others)["slices"]
        assert entry["values"] == others
    [entry] = shown(error, [1.0, 2.0], Scale(), lambda: None, variable="x", element=3)["slices"]
    assert (entry["name"], entry["values"]) == ("x[3]", [1, 2])


def test_options_that_are_no_numbers_are_named_as_in_the_list_of_choices():
    declared = '{"type": "ENUM", "token": "act", "options": [null, true, {"name": "keras.relu"}]}'
    options = Template.parse(f"act = HYPERPARAM{declared}\n")
    known = {"of": lambda: options, "variable": "act", "at": (None, {"name": "keras.relu"})}
    [entry] = shown(Column("error", "%", objective=True), [1.0, 2.0], Scale(), **known)["slices"]
    assert entry["values"] == ["None", "keras.relu"]


def test_the_most_important_hyper_parameter_is_first():
    found = shown(Column("error", "%", objective=True), [1.0, 2.0], Scale())
    assert [entry["name"] for entry in found["importance"]] == ["units", "rate"]
    assert found["importance"][0]["total"] == [0.5, 0.7, 0.9]


def test_columns_without_a_model_have_no_entry():
    assert in_units({}, [Column("error", "%", objective=True)], {"error": Scale()}, None) == []

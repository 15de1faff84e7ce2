"""Random networks of a template, and the bound that a share of them meets."""

from __future__ import annotations

import math
import os
import re

import numpy as np
import pytest

from hwsearch.calibration import Calibration, calibration, recipe
from hwsearch.costs import Costs
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.measurements import Quantity

TEMPLATE = """
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["plain", "fails"]}
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": -1.0, "max": 3.0}
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path)
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE, encoding="utf-8")
    return made


@pytest.fixture
def _networks_cost_their_units(monkeypatch):
    """No network is built: the script's values stand for it, and `fails` cannot be measured."""

    def build(script, seed, scored):
        text = script.read_text(encoding="utf-8")
        return (
            script.name,
            re.search(r"kind = '(\w+)'", text)[1],
            re.search(r"units = (\d+)", text)[1],
        )

    def costs_of(network, metrics, constraints, settings, waiting):
        name, kind, units = network
        if units == "20":
            waiting("Waiting for a device")
        assert constraints == {}
        if kind == "fails":
            raise UserError(f"{name}: too large")
        return Costs({metric: Quantity(float(units)) for metric in metrics})

    monkeypatch.setattr("hwsearch.calibration.recipe.Network.from_script", build)
    monkeypatch.setattr(recipe, "costs_of", costs_of)
    monkeypatch.setattr(calibration, "train_one_step", lambda network, seed: None)


class Told:
    """A report that remembers."""

    def __init__(self):
        self.steps, self.notes = [], []

    def step(self, *network):
        self.steps.append(network)

    def note(self, text):
        self.notes.append(text)


def calibrate(experiment, shares, **given):
    """In this process, which has used Keras in other tests."""
    return calibration.calibrate(experiment, shares, limit_s=None, **given)


@pytest.mark.usefixtures("_networks_cost_their_units")
def test_costs_and_failures_of_random_networks(experiment):
    told = Told()
    found = calibrate(experiment, {"params": 50.0}, samples=40, report=told)
    assert len(found.costs["params"]) == 20
    assert found.bound("params") == pytest.approx(50, abs=15)
    assert found.failures.reasons.total() == 20
    assert [number for number, *_ in told.steps] == list(range(1, 41))
    assert {total for _, total, _ in told.steps} == {40}
    failed = [text for *_, text in told.steps if text.startswith("cannot be used")]
    assert len(failed) == 20
    assert failed[0].startswith("cannot be used: ")
    assert all("for the same reason as network" in text for text in failed[1:])
    document = found.to_json()["params"]
    assert document["samples"] == sorted(found.costs["params"])
    assert (document["share"], document["bound"]) == (50.0, found.bound("params"))


@pytest.mark.usefixtures("_networks_cost_their_units")
@pytest.mark.parametrize("limit_s", [None, 60.0])
def test_the_user_is_told_of_a_wait_for_the_device(experiment, limit_s):
    text = '"min": 1, "max": 100'
    template = TEMPLATE.replace(text, text.replace("100", "20")).replace("1,", "19,", 1)
    experiment.template.write_text(template.replace('"fails"', '"other"'), encoding="utf-8")
    told = Told()
    calibration.calibrate(experiment, {"params": 50.0}, samples=4, report=told, limit_s=limit_s)
    assert told.notes == 2 * ["Waiting for a device"]


@pytest.mark.usefixtures("_networks_cost_their_units")
@pytest.mark.parametrize(("name", "samples"), [("runtime", 16), ("macs", 64)])
def test_measured_costs_take_fewer_networks(name, samples, experiment):
    found = calibrate(experiment, {name: 50.0}, report=Told())
    assert len(found.costs[name]) + found.failures.reasons.total() == samples


@pytest.mark.usefixtures("_networks_cost_their_units")
def test_no_network_that_can_be_measured_is_an_error(experiment):
    experiment.template.write_text(
        TEMPLATE.replace('"plain"', '"fails"').replace('["fails", "fails"]', '["fails"]'),
        encoding="utf-8",
    )
    with pytest.raises(UserError, match="none of 3 random networks could be measured; 3 times: "):
        calibrate(experiment, {"params": 50.0}, samples=3, report=Told())


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"error": 30.0}, "error: got a share; expected a number: it is unknown before training"),
        ({"params": 0.0}, "share of params: got 0%; expected above 0% and below 100%"),
        ({"params": math.nan}, "share of params: got nan%; expected above 0%"),
        ({"watts": 30.0}, "metric: got 'watts'; expected one of error"),
    ],
)
def test_faulty_shares(shares, message, experiment):
    with pytest.raises(UserError, match=message):
        calibrate(experiment, shares)


def test_memory_is_not_measured_in_this_process(experiment):
    with pytest.raises(ValueError, match="memory needs other processes"):
        calibrate(experiment, {"memory": 33.0})


@pytest.mark.usefixtures("_networks_cost_their_units")
@pytest.mark.parametrize(("name", "count"), [("memory", 6), ("params", 1)])
def test_each_network_whose_memory_is_measured_has_a_process(
    name, count, experiment, tmp_path, monkeypatch
):
    seen = tmp_path / "seen"

    def note(line):
        with seen.open("a") as file:
            file.write(f"{line}\n")

    costs_of = vars(recipe)["costs_of"]

    def noting(*arguments, **others):
        note(os.getpid())
        return costs_of(*arguments, **others)

    monkeypatch.setattr(recipe, "costs_of", noting)
    monkeypatch.setattr(calibration, "train_one_step", lambda network, seed: note("trained"))
    calibration.calibrate(experiment, {name: 50.0}, samples=6, report=Told())
    lines = seen.read_text().split()
    assert lines.count("trained") == 1
    assert len(set(lines) - {"trained"}) == count


def test_the_bound_is_a_quantile():
    found = Calibration({"power": 33.0}, {"power": list(np.linspace(0, 100, 101))})
    assert found.bound("power") == pytest.approx(33.0)


@pytest.mark.usefixtures("_networks_cost_their_units")
def test_five_networks_that_fail_alike_are_enough(experiment):
    experiment.template.write_text(
        TEMPLATE.replace('"plain"', '"fails"').replace('["fails", "fails"]', '["fails"]'),
        encoding="utf-8",
    )
    with pytest.raises(UserError, match="none of 5 random networks could be measured; 5 times: "):
        calibrate(experiment, {"params": 50.0}, report=Told())


@pytest.mark.usefixtures("_networks_cost_their_units")
def test_networks_are_trained_for_a_step_until_one_can_be(experiment, monkeypatch):
    steps = []

    def step(network, seed):
        steps.append(network)
        if len(steps) < 3:
            raise UserError(f"{network[0]}: training failed")

    monkeypatch.setattr(calibration, "train_one_step", step)
    found = calibrate(experiment, {"params": 50.0}, samples=40, report=Told())
    assert len(steps) == 3
    assert (
        sum(
            count for reason, count in found.failures.reasons.items() if "training failed" in reason
        )
        == 2
    )

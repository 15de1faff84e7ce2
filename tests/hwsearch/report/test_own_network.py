"""The network of the defaults beside the best one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.report.own_network import own_network
from hwsearch.report.result import Result
from hwsearch.template import Template

TEXT = """
f(HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 9, "default": 4},
  HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", null], "default": null},
  HYPERPARAM{"type": "INT", "token": "more", "min": 1, "max": 9, "when": {"act": "relu"}})
"""
SETTINGS = Settings("run", "error", epochs=3)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path)
    made.prepare()
    made.save_template(Template.parse(TEXT))
    return made


def result(number: int, error: float, std_error: float = 0.1, **values: Any) -> Result:
    chosen = {"units": 4, "act": None, "more": 5} | values
    document = {
        "id": number,
        "status": "complete",
        "params": {name: {"type": "x", "values": [value]} for name, value in chosen.items()},
        "values": {"error": error},
        "measurements": {"metrics": {"error": {"value": error, "std_error": std_error}}},
    }
    return Result.of(document, SETTINGS)


def test_the_gain(experiment: Experiment) -> None:
    own, best = result(2, 8.0, more=7), result(3, 6.0, act="relu")
    assert own_network(SETTINGS, [result(1, 9.0, units=5), own, best], best, experiment) == [
        "Your own network: job 2, compared with the best one",
        "  error  8.00 ± 0.10 % -> 6.00 ± 0.10 % (-25.0%)",
    ]
    assert own_network(SETTINGS, [own, best], own, experiment) == [
        "Your own network: job 2, which is the best one"
    ]
    near = result(3, 7.92, units=1)
    assert own_network(SETTINGS, [own, near], near, experiment)[1].endswith(
        "(-1.0%), difference within the uncertainty"
    )
    assert own_network(SETTINGS, [own], None, experiment) == [
        "Your own network: job 2",
        "  error  8.00 ± 0.10 %",
    ]


def test_no_such_network(experiment: Experiment) -> None:
    best = result(1, 9.0, units=5)
    assert own_network(SETTINGS, [best, result(2, float("nan"))], best, experiment) == []
    assert own_network(SETTINGS, [best], best, experiment) == []
    experiment.save_template(Template.parse(TEXT.replace(', "default": 4', "")))
    other = result(2, 8.0, units=7)
    assert own_network(SETTINGS, [best, other], other, experiment)[0] == (
        "Network of the defaults: job 1, compared with the best one"
    )
    plain = TEXT.replace(', "default": 4', "").replace(', "default": null', "")
    experiment.save_template(Template.parse(plain))
    assert own_network(SETTINGS, [best, other], other, experiment) == []
    experiment.template_file.unlink()
    assert own_network(SETTINGS, [best, other], other, experiment) == []

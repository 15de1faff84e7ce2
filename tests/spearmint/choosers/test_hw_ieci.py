"""HW-IECI as its callers see it."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.choosers import create
from spearmint.choosers.hw_ieci import HwIeci

CONFIG = {
    "chooser": "hw_ieci",
    "variables": {
        "rate": {"type": "FLOAT", "min": 1e-4, "max": 1.0, "log": True},
        "units": {"type": "INT", "min": 4, "max": 64},
        "act": {"type": "ENUM", "options": ["relu", "tanh"]},
    },
    "tasks": {"error": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}},
}
#: Units that the budget allows.
MOST = 24


def run(config, count, seed):
    """The best networks are as large as they may be, and power has a little noise."""
    rng = np.random.default_rng(seed)
    chooser, jobs = create(config, seed), []
    for number in range(1, count + 1):
        params = chooser.suggest(jobs)
        rate, units = params["rate"]["values"][0], params["units"]["values"][0]
        error = (np.log10(rate) + 2) ** 2 + 40.0 / units + (params["act"]["values"] == ["tanh"])
        power = MOST + 0.5 - units + 0.1 * rng.standard_normal()
        values = {"error": error, "power": power}
        jobs.append({"id": number, "params": params, "status": "complete", "values": values})
    return jobs


@pytest.fixture(scope="module")
def jobs():
    return run(CONFIG, 20, 1)


def test_it_reaches_the_best_feasible_point(jobs):
    best = min(job["values"]["error"] for job in jobs if job["values"]["power"] >= 0)
    assert best < 40.0 / MOST + 0.1
    assert len({str(job["params"]) for job in jobs}) == len(jobs)


def test_every_point_is_predicted_to_meet_the_constraint(jobs):
    chooser = create(CONFIG, 1)
    assert isinstance(chooser, HwIeci)
    rng = np.random.default_rng(0)
    for count in range(8, 20):
        before = jobs[:count]
        if any(job["values"]["power"] >= 0 for job in before):
            known = chooser.observe(before)
            code = chooser.space.encode(jobs[count]["params"])[None]
            logs = chooser.log_probability_met(known, code, rng)
            assert logs is not None
            assert logs[0] >= np.log(0.5) - 1e-6  # the mean is above the bound


def test_unaware_it_ignores_the_constraint():
    jobs = run(CONFIG | {"chooser-args": {"aware": False}}, 14, 1)
    assert sum(job["values"]["power"] < 0 for job in jobs[7:]) >= 5
    # As if there were no constraint.
    free = CONFIG | {"tasks": {"error": {"type": "OBJECTIVE"}}}
    others = [job | {"values": {"error": job["values"]["error"]}} for job in jobs]
    aware = create(CONFIG | {"chooser-args": {"aware": False}}, 1)
    assert aware.suggest(jobs) == create(free, 1).suggest(others)

"""HW-CWEI as its callers see it."""

from __future__ import annotations

import numpy as np

from spearmint.choosers import create
from tests.spearmint.choosers.test_hw_ieci import CONFIG, MOST, run


def test_it_reaches_the_best_feasible_point():
    config = CONFIG | {"chooser": "hw_cwei"}
    jobs = run(config, 20, 1)
    best = min(job["values"]["error"] for job in jobs if job["values"]["power"] >= 0)
    assert best < 40.0 / MOST + 0.1
    assert len({str(job["params"]) for job in jobs}) == len(jobs)
    # The recommended point is that of the models, as with the default chooser.
    found, other = create(config, 1).best(jobs), create(CONFIG, 1).best(jobs)
    assert found is not None
    assert other is not None
    assert found.params == other.params
    assert found.probability > 0.5


def test_pending_jobs_are_taken_into_account():
    config = CONFIG | {"chooser": "hw_cwei"}
    jobs = run(config, 10, 2)
    chooser, points = create(config, 2), []
    for number in range(11, 15):
        params = chooser.suggest(jobs)
        points.append(chooser.space.encode(params))
        jobs.append({"id": number, "params": params, "status": "pending"})
    assert np.abs(np.diff(points, axis=0)).max() > 0.1  # the four are not all at one place
    assert len({point.tobytes() for point in points}) == 4

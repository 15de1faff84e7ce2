"""The models, and which job each observation is of."""

from __future__ import annotations

import numpy as np

from spearmint.analysis.fitted import Fitted, ids
from spearmint.optimiser.observations import observe
from spearmint.optimiser.space import Space
from spearmint.optimiser.thinning import thinned
from tests.spearmint.analysis.searches import finished, problem


def test_ids_of_the_observations_that_were_kept(jobs):
    twice = [*jobs, *(job | {"id": job["id"] + 1000} for job in jobs)]
    space = Space(problem().variables)
    everything = observe(problem().tasks, space, twice)
    kept = thinned(space, everything, 30)
    by_id = {job["id"]: job for job in twice}
    found = ids(twice, everything, kept)
    assert len(set(found)) == 30
    assert [by_id[each]["values"]["f"] for each in found] == kept.values[:, 0].tolist()
    assert ids(twice, everything, everything) == [job["id"] for job in twice]


def test_the_models_are_those_of_the_values(jobs):
    fitted = Fitted.of(problem(), jobs, {})
    assert [model.task.name for model in fitted.models] == ["f", "c"]
    assert all(np.isfinite(model.z).all() for model in fitted.models)
    assert Fitted.of(problem(), finished(3), {}).models == []

"""Points that have a job."""

from __future__ import annotations

import numpy as np
import pytest

from spearmint.config import Variable
from spearmint.optimiser import tried
from spearmint.optimiser.space import Space
from spearmint.optimiser.tried import Tried

SPACES = {
    "floats": [Variable("x", "FLOAT", 2, 0.0, 1.0)],
    "lattice": [Variable("n", "INT", 2, 0, 30), Variable("e", "ENUM", 1, options=("a", "b", "c"))],
    "mixed": [Variable("x", "FLOAT", 1, 0.0, 1.0), Variable("n", "INT", 1, 1, 2)],
}


@pytest.mark.parametrize("name", SPACES)
def test_many_points_are_compared_as_few_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    space, rng = Space(SPACES[name]), np.random.default_rng(0)
    points = space.snap(rng.random((500, space.dimension)))
    asked = np.vstack([points[:100], points[100:200] + 0.4e-9, points[200:300] + 3e-9])
    asked = np.vstack([asked, space.snap(rng.random((200, space.dimension)))])
    few = Tried(space, points).has(asked)
    assert few[:200].all()
    monkeypatch.setattr(tried, "MANY", 10)
    assert np.array_equal(Tried(space, points).has(asked), few)
    assert Tried(space, points).has(asked[:0]).shape == (0,)


def test_without_jobs_nothing_has_one() -> None:
    space = Space(SPACES["floats"])
    assert not Tried(space, np.empty((0, 2))).has(np.zeros((3, 2))).any()

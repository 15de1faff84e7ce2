"""Which axes of a point matter, and how many different points there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.config import Variable
from spearmint.optimiser import conditions
from spearmint.optimiser.candidates import around, design, neighbours, untried
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.space import Space


def units(number: int, *when: int) -> Variable:
    return Variable(f"units{number}", "INT", 1, 1, 4, default=(3,), when=(("layers", when),))


NETWORK = [
    units(3, 3),
    Variable("layers", "INT", 1, 1, 3),
    Variable("units1", "INT", 1, 1, 4),
    units(2, 2, 3),
]
NESTED = [
    Variable("optimizer", "ENUM", options=("sgd", "adam", None)),
    Variable("nesterov", "ENUM", options=(False, True), when=(("momentum", (1, 2)),)),
    Variable("momentum", "INT", 1, 0, 2, default=(1,), when=(("optimizer", ("sgd", None)),)),
    Variable("widths", "INT", 2, 1, 2, when=(("optimizer", ("adam",)),)),
]


@pytest.mark.parametrize(("variables", "count"), [(NETWORK, 4 + 16 + 64), (NESTED, 2 * 5 + 4)])
def test_points_are_counted_without_their_copies(variables: list[Variable], count: int) -> None:
    space = Space(variables)
    points = list(space.every_point())
    assert len(points) == len(set(points)) == space.cardinality == count
    rows = np.array(points)
    assert np.array_equal(space.conditions.canonical(rows), rows)
    assert np.array_equal(space.round(rows), rows)


def test_very_many_conditions_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "MOST_COMBINATIONS", 2)
    assert Space(NETWORK).cardinality == 3 * 4**3


@given(st.integers(0, 2**31))
def test_all_points_are_canonical(seed: int) -> None:
    rng = np.random.default_rng(seed)
    space = Space([*NESTED, Variable("rate", "FLOAT", 1, 0.0, 1.0, when=(("nesterov", (True,)),))])
    centres = design(space, 4, seed)
    near = around(space, centres, 20, rng)
    steps = np.vstack([neighbours(space, centre) for centre in centres])
    for points in (centres, near, steps, untried(space, centres, rng)[None]):
        assert np.array_equal(space.conditions.canonical(points), points)
        assert space.contains(points).all()


def test_what_matters_depends_on_what_matters() -> None:
    space = Space(NESTED)
    active = {
        tuple(point): space.conditions.active(np.array([point]))[0].tolist()
        for point in space.every_point()
    }
    for (optimizer, _, momentum, *_), matters in active.items():
        assert matters[2] == (optimizer != 1)
        assert matters[1] == (optimizer != 1 and momentum > 0)
        assert matters[3:] == [optimizer == 1] * 2


def test_a_new_axis_has_any_value_around_a_point() -> None:
    space = Space(NETWORK)
    centre = space.encode({name: {"values": [1]} for name in space.names})[None]
    near = around(space, centre, 1000, np.random.default_rng(0))
    deep = near[space.conditions.active(near)[:, 3]]
    assert set(np.rint(3 * deep[:, 3])) == {0, 1, 2, 3}


def test_jobs_tell_what_does_not_matter() -> None:
    space = Space(NETWORK)
    params = {name: {"type": "int", "values": [1]} for name in space.names}
    codes = space.encode(params)
    decoded = space.decode(codes)
    assert decoded["units1"] == {"type": "int", "values": [1]}
    for name in ("units2", "units3"):
        assert decoded[name] == {"type": "int", "values": [3], "active": False}
    other = params | {"units3": {"type": "int", "values": [4]}}
    assert np.array_equal(space.encode_all([params, other], str), [codes, codes])
    assert space.point({"layers": [1], "units1": [1], "units2": [2]}) == decoded
    assert space.point({"layers": [2], "units1": [1], "units2": [2]})["units2"] == {
        "type": "int",
        "values": [2],
    }


def test_axes_that_do_not_matter_are_in_the_middle_for_the_model() -> None:
    space = Space(NESTED)
    features = Features(space)
    sgd, adam = (
        space.encode(space.point({"optimizer": [o], "momentum": [2], "nesterov": [True]}))
        for o in ("sgd", "adam")
    )
    rows = features.of(np.array([sgd, adam]))
    option, nesterov, momentum, *widths = features.columns
    assert rows[0, momentum] == [1.0]
    assert rows[1, momentum] == [0.5]
    assert rows[1, nesterov].tolist() == [0.0, 0.0]
    assert rows[0, widths[0]] == rows[0, widths[1]] == [0.5]
    assert rows[0, option].tolist() == [np.sqrt(0.5), 0.0, 0.0]

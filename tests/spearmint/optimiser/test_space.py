"""Variables <-> codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spearmint.config import Variable
from spearmint.errors import UserError
from spearmint.optimiser.space import Space

MIXED = [
    Variable("rate", "FLOAT", 2, -1e-7, 3.0),
    Variable("units", "INT", 1, 10, 18),
    Variable("act", "ENUM", options=("relu", "elu", True, 1, 1.5)),
]

finite = st.floats(allow_nan=False, allow_infinity=False)
bounds = st.tuples(finite, finite).filter(lambda pair: pair[0] < pair[1])
whole = st.integers(-(2**53), 2**53)


@given(bounds, st.floats(0, 1))
@example((0.0, 5e-324), 0.7)
@example((-1.7e308, 1.7e308), 0.7)
def test_float_decodes_within_its_bounds_and_back(pair, code):
    low, high = pair
    space = Space([Variable("x", "FLOAT", 1, low, high)])
    value = space.decode(np.array([code]))["x"]["values"][0]
    assert type(value) is float
    assert low <= value <= high
    back = space.encode({"x": {"values": [value]}})[0]
    again = space.decode(np.array([back]))["x"]["values"][0]
    assert abs(again - value) <= 1e-15 * max(abs(low), abs(high)) + 1e-12 * (high / 2 - low / 2)


@given(st.tuples(whole, whole).filter(lambda p: p[0] < p[1]), st.data())
def test_int_comes_back_exactly(pair, data):
    low, high = pair
    value = data.draw(st.integers(low, min(high, low + 2**50)))
    space = Space([Variable("x", "INT", 1, low, high)])
    params = space.decode(space.encode({"x": {"values": [value]}}))
    assert params == {"x": {"type": "int", "values": [value]}}


@given(st.data())
def test_mixed_points_come_back_exactly(data):
    values = {
        "rate": [data.draw(st.floats(0, 3.0)), 3.0],
        "units": [data.draw(st.integers(10, 18))],
        "act": [data.draw(st.sampled_from(MIXED[2].options))],
    }
    space = Space(MIXED)
    codes = space.encode({name: {"values": v} for name, v in values.items()})
    back = space.decode(codes)
    assert back["units"] == {"type": "int", "values": values["units"]}
    assert back["act"]["values"] == values["act"]
    assert type(back["act"]["values"][0]) is type(values["act"][0])
    assert back["rate"]["values"] == pytest.approx(values["rate"], abs=1e-14)
    assert np.array_equal(space.round(codes[None])[0], codes)


def test_order_of_keys_does_not_matter():
    space = Space(MIXED)
    params = space.decode(np.array([0.25, 0.5, 0.125, 2.0]))
    assert np.allclose(space.encode(dict(reversed(params.items()))), [0.25, 0.5, 0.125, 2.0])


def test_numpy_values_are_numbers():
    space = Space([Variable("x", "FLOAT", 2, 0.0, 4.0)])
    assert np.allclose(space.encode({"x": {"values": np.array([1.0, 2.0])}}), [0.25, 0.5])
    assert np.allclose(space.encode({"x": [np.float32(1), np.int64(2)]}), [0.25, 0.5])


def test_snap_gives_every_level_an_equal_share():
    space = Space([Variable("n", "INT", 1, 1, 4), Variable("e", "ENUM", options=("a", "b", "c"))])
    unit = np.linspace(0, 1, 1200, endpoint=False)
    codes = space.snap(np.column_stack([unit, unit]))
    assert np.unique(codes[:, 0], return_counts=True)[1].tolist() == [300] * 4
    assert np.unique(codes[:, 1], return_counts=True)[1].tolist() == [400] * 3


def test_same_knows_lattice_options_and_floats():
    space = Space(MIXED)
    point = np.array([0.5, 0.5, 0.5, 1.0])
    near = np.add(point, [1e-12, 0, 1e-3, 0])
    others = np.array(
        [np.add(point, step) for step in ([1e-6, 0, 0, 0], [0, 0, 0.125, 0], [0, 0, 0, 1])]
    )
    assert space.same(near[None], point[None]).tolist() == [True]
    assert space.same(others, point[None]).tolist() == [False] * 3
    assert space.same(others, np.empty((0, 4))).tolist() == [False] * 3


def test_every_point_of_a_finite_space():
    space = Space([Variable("n", "INT", 1, 1, 3), Variable("e", "ENUM", options=("a", "b"))])
    values = {str(space.decode(np.array(point))) for point in space.every_point()}
    assert space.cardinality == len(values) == 6
    assert Space(MIXED).cardinality == np.inf


def test_an_enum_may_have_one_option():
    space = Space([Variable("e", "ENUM", options=("only",))])
    assert space.decode(space.snap(np.array([[0.9]]))[0])["e"]["values"] == ["only"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "no variable 'rate'"),
        ({"rate": [0.0], "units": [10], "act": ["elu"]}, "list of 2"),
        ({"rate": [0.0, "x"], "units": [10], "act": ["elu"]}, "a finite number"),
        ({"rate": [0.0, float("nan")], "units": [10], "act": ["elu"]}, "a finite number"),
        ({"rate": [0.0, 1.0], "units": [10], "act": ["tanh"]}, "one of ['relu'"),
        ({"rate": [0.0, 1.0], "units": [10], "act": [None]}, "got None"),
    ],
)
def test_params_of_another_space_are_refused(params, words):
    with pytest.raises(UserError) as error:
        Space(MIXED).encode(params, place="job 7")
    assert str(error.value).startswith("job 7: ")
    assert words in str(error.value)


MANY = [
    Variable("f", "FLOAT", 2, -5.0, 1e6),
    Variable("n", "INT", 1, -3, 12),
    Variable("e", "ENUM", 1, options=("a", True, 1, 2.5)),
]


def test_many_points_have_the_codes_of_each():
    space, rng = Space(MANY), np.random.default_rng(0)
    rows = space.snap(rng.random((200, 4)))
    points = [space.decode(row) for row in rows]
    points[7]["f"]["values"] = (1, 2.0)  # not a list
    points[8]["f"]["values"] = [np.float64(3.0), 4]
    points[9]["n"]["values"] = [2.0]
    points[10]["f"]["values"] = [2**70, 0]
    single = np.array([space.encode(point) for point in points])
    assert np.array_equal(space.encode_all(points, str), single)
    del points[7:11]
    assert np.array_equal(space.encode_all(points, str), np.delete(single, range(7, 11), axis=0))
    points[3]["n"]["values"] = ["wide"]
    with pytest.raises(UserError, match="point 3: variable 'n'"):
        space.encode_all(points, lambda row: f"point {row}")


def test_points_of_an_earlier_space():
    space = Space(MANY)

    def point(f=0.0, n=0, e="a"):
        return {"f": {"values": [f, 1.0]}, "n": {"values": [n]}, "e": {"values": [e]}}

    inside = [point(), point(-5), point(1e6), point(n=12.0), point(e=1), point(e=True)]
    outside = [point(-5.1), point(2e6), point(n=0.4), point(n=13), point(e="b"), point(e=False)]
    assert [space.holds(params) for params in inside] == [True] * len(inside)
    assert [space.holds(params) for params in outside] == [False] * len(outside)
    wide = space.widened(inside + outside)
    assert wide.axes[3].options == ("a", True, 1, 2.5, "b", False)
    codes = wide.encode_all(inside + outside, str)
    assert space.contains(codes).tolist() == [True] * len(inside) + [False] * len(outside)
    assert np.array_equal(codes[: len(inside)], space.encode_all(inside, str))
    assert space.widened(inside) is space
    assert not space.holds({})


@pytest.mark.parametrize("value", [float("nan"), {"a": 1}, {"name": 1}, 2**64])
def test_what_can_be_no_option_is_none(value):
    space = Space(MANY)
    params = space.decode(np.zeros(4)) | {"e": {"values": [value]}}
    assert space.widened([params, {}, {"e": 3}, {"e": {"values": []}}]) is space
    with pytest.raises(UserError, match="variable 'e'"):
        space.encode(params)

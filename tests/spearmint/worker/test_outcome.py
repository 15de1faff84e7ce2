from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.worker.outcome import Outcome, Pause, UnusableValueError, merge, outcome, pause

NAN = float("nan")


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        np.float32(2),
        np.int8(2),
        np.array(2),
        np.array([2.0]),
        np.array([[2]]),
        [2],
        Decimal(2),
        np.array(2, dtype=object),
    ],
)
def test_one_number_in_any_form(value: Any) -> None:
    for returned in (value, {"main": value}):
        found = outcome(returned, ["main"])
        assert found.values == {"main": 2.0}
        assert type(found.values["main"]) is float


def test_outcomes_may_be_booleans() -> None:
    assert outcome({"a": 1, "ok": True}, ["a", "ok"]).values == {"a": 1.0, "ok": 1.0}
    assert outcome({"a": 1, "ok": np.bool_(0)}, ["a", "ok"]).values == {"a": 1.0, "ok": 0.0}


def test_numbers_beyond_floats() -> None:
    assert outcome(10**400, ["a"]).values == {"a": math.inf}
    assert outcome(-(10**400), ["a"]).values == {"a": -math.inf}
    assert outcome(10**30, ["a"]).values == {"a": 1e30}


@pytest.mark.parametrize("value", [NAN, np.float32("nan"), np.array([NAN])])
def test_bare_nan_is_nan_for_every_task(value: Any) -> None:
    values = outcome(value, ["a", "b"]).values
    assert list(values) == ["a", "b"]
    assert all(math.isnan(v) for v in values.values())


def test_nan_of_one_task_leaves_the_others() -> None:
    values = outcome({"a": NAN, "b": 3}, ["a", "b"]).values
    assert math.isnan(values["a"])
    assert values["b"] == 3.0


@pytest.mark.parametrize(
    ("returned", "tasks", "words"),
    [
        (None, ["a"], "main returned None; expected a number for each of a"),
        ("3", ["a"], "main returned '3'"),
        (1.0, ["a", "b"], "one number, 1; expected a dictionary with the tasks a, b"),
        ({"a": 1}, ["a", "b"], "no value for b"),
        ({"a": 1, "c": 2}, ["a"], "a value for c, which is not a task"),
        ({"c": 2}, ["a"], "no value for a and a value for c"),
        ({"a": "x"}, ["a"], "main returned 'x' for a"),
        ({"a": None}, ["a"], "None for a"),
        ({"a": [1, 2]}, ["a"], "with 2 numbers"),
        ({"a": []}, ["a"], "with 0 numbers"),
        ({"a": [[1], [1, 2]]}, ["a"], "NumPy cannot read"),
        ({"a": 1j}, ["a"], "1j for a"),
        ({"a": object()}, ["a"], "for a; expected a number"),
        ({"a": 1, "measurements": 3}, ["a"], "as measurements; expected a dictionary"),
    ],
)
def test_what_cannot_be_used_is_named(returned: Any, tasks: list[str], words: str) -> None:
    with pytest.raises(UnusableValueError) as caught:
        outcome(returned, tasks)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_task_may_be_left_open_if_its_value_is_expected() -> None:
    found = outcome({"a": 1.0, "b": None, "c": NAN}, ["a", "b", "c"], ["b", "c"])
    assert found.unmeasured == ("b",)
    assert found.values["a"] == 1.0
    assert math.isnan(found.values["b"])
    assert math.isnan(found.values["c"])
    assert merge([found, Outcome({"d": 2.0}, unmeasured=("e",))]).unmeasured == ("b", "e")
    with pytest.raises(UnusableValueError, match="None for a; expected a number"):
        outcome({"a": None, "b": None}, ["a", "b"], ["b"])


def test_reserved_keys() -> None:
    given = {
        "a": 1.0,
        "reason": "too slow",
        "measurements": {"p": np.float32(0.5), "h": np.arange(2), 3: {"x": None}, "o": {1}},
    }
    found = outcome(given, ["a"])
    assert found.reason == "too slow"
    assert found.measurements == {"p": 0.5, "h": [0, 1], "3": {"x": None}, "o": "{1}"}


def test_measurements_that_are_not_json_leave_the_values() -> None:
    circle: dict[str, Any] = {}
    circle["m"] = circle
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for measurements in (circle, {"m": {(1, 2): 3}}, {"m": deep}):
        found = outcome({"a": 1.0, "measurements": measurements, "reason": "slow"}, ["a"])
        assert (found.values, found.measurements) == ({"a": 1.0}, {})
        assert (found.reason or "").startswith(
            "slow; its measurements were not stored: they are not JSON: "
        )


def test_object_whose_repr_fails() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    with pytest.raises(UnusableValueError, match="a Odd without repr"):
        outcome({"a": Odd()}, ["a"])


def test_merge_of_several_files() -> None:
    one = Outcome({"a": 1.0}, {"m": 1}, "r")
    two = Outcome({"b": 2.0}, {"n": 2}, None)
    assert merge([one, two]) == Outcome({"a": 1.0, "b": 2.0}, {"m": 1, "n": 2}, "r")


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text() | st.binary() | st.complex_numbers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "b", "reason", "measurements"]), inner)
        ),
    ),
    st.sampled_from([["a"], ["a", "b"]]),
)
def test_anything_gives_values_or_a_line(returned: Any, tasks: list[str]) -> None:
    try:
        found = outcome(returned, tasks)
    except UnusableValueError:
        return
    assert list(found.values) == tasks
    assert all(type(value) is float for value in found.values.values())


def test_pause() -> None:
    given = {"progress": np.float32(0.5), "curve": np.array([[0.5, 2.0], [0.25, 3.0]])}
    returned = {"paused": given, "power": np.array([1.0]), "measurements": {"a": 1}}
    found = pause(returned, ["error", "power"])
    assert found == Pause(0.5, ((0.25, 3.0), (0.5, 2.0)), {"power": 1.0}, {"a": 1})
    assert pause({"paused": given}, ["error"]) == Pause(0.5, ((0.25, 3.0), (0.5, 2.0)), {})
    took = {"share": 0.25, "training": np.array([3.0]), "once": 0}
    found = pause({"paused": {**given, "took": took}}, ["error"])
    assert found is not None
    assert found.took == {"share": 0.25, "training": 3.0, "once": 0.0}
    assert pause({"paused": 1.0}, ["paused"]) is None, "a task of that name"
    assert pause(2.0, ["error"]) is None
    assert pause({"error": 2.0}, ["error"]) is None


def test_measurements_that_are_not_json_do_not_break_a_paused_training() -> None:
    circle: dict[str, Any] = {}
    circle["m"] = circle
    given = {"progress": 0.5, "curve": [[0.5, 2.0]]}
    for measurements in (circle, {"m": {(1, 2): 3}}):
        found = pause({"paused": given, "measurements": measurements}, ["error"])
        assert found == Pause(0.5, ((0.5, 2.0),), {})


def took(given: Any) -> dict[str, Any]:
    """What an objective returns that says this of the seconds of a segment."""
    return {"paused": {"progress": 0.5, "curve": [[0.5, 1]], "took": given}}


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ({"paused": 0.5}, ["0.5", "curve"]),
        ({"paused": {"progress": 0.5}}, ["curve"]),
        ({"paused": {"progress": "half", "curve": [[0.5, 1]]}}, ["'half'", "progress"]),
        ({"paused": {"progress": 1.0, "curve": [[0.5, 1]]}}, ["shares between 0 and 1"]),
        ({"paused": {"progress": 0.5, "curve": [0.5, 1]}}, ["shares between 0 and 1"]),
        ({"paused": {"progress": 0.5, "curve": [[5, 1]]}}, ["shares between 0 and 1"]),
        ({"paused": {"progress": 0.5, "curve": [[0.5, 1]]}, "pwr": 1}, ["pwr", "no task"]),
        (took(9.5), ["9.5", "as what a pause took", '{"share": 0.125, ']),
        (took({"share": 0.5}), ["{'share': 0.5}", '"training": 4.5']),
        (took({"share": 0.0, "training": 1.0, "once": 0}), ["as what a pause took", "in seconds"]),
        (took({"share": 0.5, "training": -1.0, "once": 0}), ["-1.0", "in seconds"]),
        (took({"share": 0.5, "training": "long", "once": 0}), ["'long'", "in seconds"]),
    ],
)
def test_unusable_pause(returned: Any, words: list[str]) -> None:
    with pytest.raises(UnusableValueError) as caught:
        pause(returned, ["error", "power"])
    text = str(caught.value)
    assert "\n" not in text
    assert all(word in text for word in words), text

"""Typed values of a JSON object, and messages about wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config import ConfigError
from spearmint.config.reader import Faults, ObjectReader, as_number, did_you_mean, shown


def reader(**values: Any) -> ObjectReader:
    return ObjectReader(values, "", Faults("file"))


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("main_file", 'did you mean "main-file"?'),
        ("Min", 'did you mean "min"?'),
        (" option ", 'did you mean "options"?'),
        ("zzz", ""),
        (3, ""),
        ("min" * 100, ""),
    ],
)
def test_the_word_that_resembles_another(word: Any, hint: str) -> None:
    assert did_you_mean(word, ["main-file", "min", "max", "options"]) == hint


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (3.0, 3.0),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (True, None),
        (np.True_, None),
        ("3", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_finite_numbers_and_nothing_else(value: Any, number: Any) -> None:
    found = as_number(value)
    assert found == number
    assert type(found) is type(number)


def test_a_value_in_a_message_is_one_printable_line() -> None:
    assert shown("a\nb\u2028") == '"a\\nb\\u2028"'
    assert shown("x" * 100) == '"' + "x" * 76 + "..."
    assert shown(object()) == "a object"


def test_a_fault_is_one_printable_line() -> None:
    faults = Faults("odd\nfile")
    faults.add("key", "1", "one of a\x1f, b")
    faults.warn("k\ney", "ignored")
    assert faults.faults == ["odd\\nfile: key: got 1; expected one of a\\x1f, b"]
    assert faults.warnings == ["odd\\nfile: k\\ney: ignored"]


def test_a_fault_is_reported_once() -> None:
    one = reader(seed="x")
    assert one.whole("seed", 0, 0) == 0
    assert one.whole("seed", 0, 0) == 0
    assert one.faults.faults == ['file: seed: got "x"; expected a whole number, 0 or more']
    with pytest.raises(ConfigError):
        one.faults.check()


@pytest.mark.parametrize("value", [None, "absent"])
def test_an_absent_or_null_key_has_its_default(value: Any) -> None:
    one = reader() if value == "absent" else reader(key=None)
    assert one.string("key", "default", "a name") == "default"
    assert one.choice("key", ["a", "b"], "b") == "b"
    assert one.flag("key", True)
    assert one.whole("key", 7, 0) == 7
    assert one.number("key", 0.5, 0.0, 1.0) == 0.5
    assert one.seconds("key", None) is None
    assert one.mapping("key") == {}
    assert one.strings("key", "a list") == ()
    assert one.objects("key", "an object") == []
    one.faults.check()


@pytest.mark.parametrize(("value", "found"), [(1, 1), (1.0, 1), (np.int32(4), 4)])
def test_whole_numbers(value: Any, found: int) -> None:
    assert reader(key=value).whole("key", 0, 1, 4) == found


@pytest.mark.parametrize(
    ("value", "ends", "right"), [(0, False, False), (0, True, True), (1.1, True, False)]
)
def test_ends_of_a_range(value: float, ends: bool, right: bool) -> None:
    one = reader(key=value)
    one.number("key", 0.5, 0.0, 1.0, ends=ends)
    assert (one.faults.faults == []) == right


def test_paths_lead_through_objects() -> None:
    one = reader(tasks={"a": {"x": 1}, "b c": 3})
    ((name, inner),) = one.objects("tasks", "an object")
    assert (name, inner.path, inner.at("x y")) == ("a", "tasks.a", 'tasks.a."x y"')
    assert one.faults.faults == ['file: tasks."b c": got 3; expected an object']


def test_unknown_keys_are_warnings() -> None:
    one = reader(mim=1, zzz=2)
    one.check_keys(["min", "max"])
    assert one.faults.warnings == [
        'file: mim: unknown key, ignored; did you mean "min"?',
        "file: zzz: unknown key, ignored; known keys: min, max",
    ]
    one.faults.check()

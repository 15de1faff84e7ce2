"""JSON objects inside a Python source, and the messages about invalid ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.json_object import read_object
from hwsearch.template.python_source import Source


@given(st.dictionaries(st.text(), st.recursive(st.integers() | st.text(), st.lists), max_size=4))
def test_objects_are_read_to_their_end(fields: dict[str, Any]) -> None:
    dump = json.dumps(fields)
    read = read_object(Source(f"x = {dump} }}"), 4)
    assert (read.fields, read.end, read.faults) == (fields, 4 + len(dump), [])


@pytest.mark.parametrize(
    ("text", "end", "line", "fault"),
    [
        ('{"a": f(),}', 11, 1, "got f(); expected strings"),
        ('{"a":\n oops} + 1', 12, 2, 'got oops; expected "oops" in quotes, or {"name": "oops"}'),
        ('{"}": {}, "\\"}" 1} b', 18, 1, "got invalid JSON"),
        ('{"a": 1\nb', 7, 2, "got invalid JSON"),
    ],
)
def test_the_scan_continues_after_a_broken_object(
    text: str, end: int, line: int, fault: str
) -> None:
    read = read_object(Source(text), 0)
    assert read.fields is None
    assert read.end == end
    assert read.faults[0][0] == line
    assert read.faults[0][1].startswith(fault)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{'type': \"INT\"}", {"type": "INT"}),
        ('{"a": True, "b": [False, None]}', {"a": True, "b": [False, None]}),
        ('{"a": 1, }', {"a": 1}),
        ('{"a": [1,]}', {"a": [1]}),
        ('{"a": .5, "b": 1., "c": -1_000, "d": +2}', {"a": 0.5, "b": 1.0, "c": -1000, "d": 2}),
        ('{"a": 1, # it\'s {one\n"b": 2}', {"a": 1, "b": 2}),
        ("{'a': true, 'b': null}", {"a": True, "b": None}),
        ("{'a': '}', 'b': ('x' 'y',)}", {"a": "}", "b": ["xy"]}),
        ('{"a": [keras.layers.ReLU]}', {"a": [{"name": "keras.layers.ReLU"}]}),
    ],
)
def test_pythons_spelling_is_read(text: str, fields: dict[str, Any]) -> None:
    read = read_object(Source(f"x = {text}}}"), 4)
    assert (read.fields, read.end, read.faults) == (fields, 4 + len(text), [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 2**4}', "got 2**4; expected strings, numbers, True, False, None, lists or names"),
        ('{"a" 1}', "got invalid JSON at column 6: Expecting ':' delimiter; expected a JSON obj"),
        ("{'a' 1}", "got an invalid object: "),
        ("{'a': relu}", 'got relu; expected "relu" in quotes, or {"name": "relu"} for a name'),
        ("{", "got invalid JSON at column 2: Expecting property name enclosed in double quotes; "),
    ],
)
def test_what_neither_reads(text: str, fault: str) -> None:
    read = read_object(Source(text), 0)
    assert read.fields is None
    assert read.faults[0][1].startswith(fault)


def test_an_object_that_is_not_closed_is_named_by_its_line() -> None:
    read = read_object(Source('\nx = {"a": 1\ny = 2\n'), 5)
    assert read.faults == [
        (
            3,
            "got invalid JSON at column 1: Expecting ',' delimiter; "
            "expected a comma, or the closing } of the object that begins on line 2",
        )
    ]


def test_a_repeated_key_is_a_fault_and_the_last_value_counts() -> None:
    read = read_object(Source('{"a": 1, "a": 2}'), 0)
    assert read.fields == {"a": 2}
    assert read.faults == [(1, 'got the key "a" twice; expected it once')]


def test_numbers_that_python_does_not_convert_are_infinite() -> None:
    assert read_object(Source('{"a": ' + "9" * 5000 + "}"), 0).fields == {"a": float("inf")}


def test_deeply_nested_json() -> None:
    assert "deeply nested" in read_object(Source('{"type": ' + "[" * 100_000), 0).faults[0][1]

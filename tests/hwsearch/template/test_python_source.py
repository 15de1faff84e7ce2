"""Where words stand in a Python source, and JSON objects inside of it."""

from __future__ import annotations

import io
import json
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.python_source import Source, read_object


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_columns(end: str) -> None:
    source = Source(f"a{end}bc{end}{end}d")
    assert source.lines == 4
    at = source.text.index("c")
    assert (source.line(at), source.column(at)) == (2, 2)
    assert source.line(len(source.text) - 1) == 4


def test_a_word_by_itself() -> None:
    source = Source("XY YX X_ 1X 'X' #X\nX.X")
    assert source.find("X") == source.text.index("\nX") + 1
    assert source.find("X", source.find("X") + 1) == len(source.text) - 1
    assert source.find("Z") == -1


# Valid Python on one or more lines, of which the scanner must see the names as Python does.
FRAGMENTS = [
    "X", "X1", "aX", "(X)", "'X'", '"X"', "'''X\n'''", '"""X""X"""', "r'\\'X'", 'b"X\\"X"',
    "f'{a}X'", "# X ' \" \n", "\n", " + ", "'it\"s X'", "'\\\\'", "'\\\n X'", "[", "]", "1.5", "é",
    "\\\n", ", ",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_names_are_seen_as_python_sees_them(fragments: list[str]) -> None:
    text = " ".join(fragments) + "\n"
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError):
        return  # Python cannot say
    expected = [t.start for t in tokens if t.type == tokenize.NAME and t.string == "X"]
    source, found = Source(text), []
    at = source.find("X")
    while at >= 0:
        found.append((source.line(at), source.column(at) - 1))
        at = source.find("X", at + 1)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "tighter"),
    [
        ("", False),
        (" ** 2", True),
        (" * 2", False),
        ("\\\n.real", True),
        (" # c\n # d\n [0]", True),
        ("(", True),
        ("if", True),
        (" if", False),
        (",", False),
        (" " * 50_000 + "#" * 50_000, False),
    ],
)
def test_what_binds_tighter_than_a_sign(text: str, tighter: bool) -> None:
    assert Source("3" + text).binds_tighter(1) is tighter


@given(st.dictionaries(st.text(), st.recursive(st.integers() | st.text(), st.lists), max_size=4))
def test_objects_are_read_to_their_end(fields: dict) -> None:
    dump = json.dumps(fields)
    found, end, faults = read_object(Source(f"x = {dump} }}"), 4)
    assert (found, end, faults) == (fields, 4 + len(dump), [])


@pytest.mark.parametrize(
    ("text", "end", "line", "fault"),
    [
        ('{"a": 1,}', 9, 1, "got no valid JSON"),
        ('{"a":\n oops} + 1', 12, 2, "got no valid JSON (Expecting value at column 2)"),
        ('{"}": {}, "\\"}" 1} b', 18, 1, "got no valid JSON"),
        ('{"a": 1\nb', 7, 2, "got no valid JSON"),
    ],
)
def test_behind_a_broken_object_reading_goes_on(text: str, end: int, line: int, fault: str) -> None:
    fields, behind, faults = read_object(Source(text), 0)
    assert fields is None
    assert behind == end
    assert faults[0][0] == line
    assert faults[0][1].startswith(fault)

"""Where words and lines are in the text of a Python script."""

from __future__ import annotations

import io
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.python_source import Source


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_columns(end: str) -> None:
    source = Source(f"a{end}bc{end}{end}d")
    assert source.lines == 4
    at = source.text.index("c")
    assert (source.line(at), source.column(at)) == (2, 2)
    assert source.line(len(source.text) - 1) == 4
    assert [source.line_text(n) for n in range(1, 6)] == [f"a{end}", f"bc{end}", end, "d", ""]


def test_only_whole_words_outside_strings_are_found() -> None:
    source = Source("XY YX X_ 1X 'X' #X\nX.X")
    assert source.find("X") == source.text.index("\nX") + 1
    assert source.find("X", source.find("X") + 1) == len(source.text) - 1
    assert source.find("Z") == -1


# Valid Python on one or more lines; the scanner must find the same names as Python.
FRAGMENTS = [
    "X", "X1", "aX", "(X)", "'X'", '"X"', "'''X\n'''", '"""X""X"""', "r'\\'X'", 'b"X\\"X"',
    "f'{a}X'", "# X ' \" \n", "\n", " + ", "'it\"s X'", "'\\\\'", "'\\\n X'", "[", "]", "1.5", "é",
    "\\\n", ", ",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_names_are_found_as_python_finds_them(fragments: list[str]) -> None:
    text = " ".join(fragments) + "\n"
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError):
        return  # Python cannot read it
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


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('{"}": {}, "\\"}" 1} b', 18),
        ("{{}} }", 4),
        ("{ a\nb", 3),
        ("{", 1),
        ("{" + " " * 3000 + "}", 3002),
    ],
)
def test_the_end_of_a_broken_object(text: str, end: int) -> None:
    assert Source(text).closing_brace(0) == end

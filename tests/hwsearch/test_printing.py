from __future__ import annotations

import pytest

from hwsearch.printing import lines, one_line, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 日本 µ", "plain é 日本 µ"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[2J\x07\t", "\\x1b[2J\\x07\\t"),
        ("right \u202e to left", "right \\u202e to left"),
        ("\ud800", "\\ud800"),
        (5, "5"),
    ],
)
def test_one_line(text: object, shown: str) -> None:
    assert one_line(text) == shown


def test_lines_stay_and_nothing_else() -> None:
    assert lines("a\x1b[31m\nb\rc\u2028d") == "a\\x1b[31m\nb\\rc\\u2028d"


@pytest.mark.parametrize("limit", [20, 21, 100])
def test_a_long_text_loses_its_middle(limit):
    text = "wrong " + "x" * 300 + " remedy"
    short = shortened(text, limit)
    assert len(short) in (limit, limit - 1)
    assert short.startswith("wrong ")
    assert short.endswith(" remedy")
    assert shortened("short", limit) == "short"

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spearmint.printing import one_line, printable, printable_lines, shortened

ODD = "a\x1b[31mred\x1b[0m\r\nforged: job 2 complete\x00\x9b\u202e\ud800é☃"


def test_each_character_that_is_not_printable_is_shown_as_its_escape_sequence() -> None:
    assert printable("é ☃ 'x'") == "é ☃ 'x'"
    assert printable(ODD) == (
        r"a\x1b[31mred\x1b[0m\r\nforged: job 2 complete\x00\x9b\u202e\ud800é☃"
    )


def test_lines_keep_their_breaks() -> None:
    assert printable_lines("one\ntwo\x1b") == "one\ntwo\\x1b"


def test_shortened_keeps_the_beginning_and_the_end() -> None:
    assert shortened("abc", 10) == "abc"
    assert shortened("a" * 50 + "b" * 50, 20) == "aaaaaaaaaa ... bbbbb"


@given(st.text() | st.lists(st.floats() | st.text()), st.integers(20, 60))
def test_one_line_is_short_and_printable(value: object, limit: int) -> None:
    line = one_line(value, limit)
    assert line.isprintable()
    assert len(line) <= limit


def test_one_line_of_a_very_long_text() -> None:
    assert one_line("start " + "\x1b\n" * 10_000_000 + " end", 50).endswith("end")

"""Parts of a report as text and as Markdown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwsearch.report.sections import Section, as_markdown, as_text, width

TABLE = Section(
    "Title", ["a line"], ("name", "left", "n"), [("é", "漢字", "1"), ("x", "y", "23")], 1
)


def test_columns_are_aligned_also_with_wide_characters():
    assert as_text([Section("", ["first"]), TABLE]) == (
        "first\n\nTitle\n  a line\n  name  left   n\n  é     漢字   1\n  x     y     23"
    )


def test_a_table_that_is_too_wide_is_shown_in_parts():
    section = Section("", (), ("", "a", "bbbb", "c"), [("x", "1", "2", "3")], 3)
    assert as_text([section], 12).split("\n") == [
        "     a  bbbb",
        "  x  1     2",
        "     c",
        "  x  3",
    ]
    whole = "     a  bbbb  c\n  x  1     2  3"
    assert as_text([section]) == as_text([section], 15) == whole
    # A column that fits nowhere has a part of its own.
    assert [len(line) for line in as_text([section], 3).split("\n")] == [6, 6, 9, 9, 6, 6]


def test_markdown():
    assert as_markdown([TABLE]) == (
        "## Title\n\n* a line\n\n| name | left | n |\n| --- | --- | ---: |\n"
        "| é | 漢字 | 1 |\n| x | y | 23 |\n"
    )


def test_markup_from_elsewhere_is_shown_as_it_is():
    text = as_markdown([Section("", ["</script> a|b *c* `d` [e](f) \x1b[2J"])])
    assert text == "* &lt;/script&gt; a\\|b \\*c\\* \\`d\\` \\[e\\](f) \\\\x1b\\[2J\n"


def test_an_accent_of_its_own_takes_no_column():
    assert (width("e\u0301"), width("漢"), width("ab")) == (1, 2, 2)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1), st.text())
def test_no_text_forges_a_line(rows, title):
    section = Section("T", [title], ("a", "b"), rows, 1)
    text = as_text([section])
    assert len(text.split("\n")) == len(rows) + 3
    assert text.replace("\n", "").isprintable()
    cells = [line for line in as_markdown([section]).split("\n") if line.startswith("| ")]
    assert len(cells) == len(rows) + 2

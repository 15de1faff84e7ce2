"""Parts of a report, as lines of text and as Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwsearch.printing import one_line

#: Characters that mean something within a line of Markdown, or in the HTML that is made of it.
_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report. All texts may come from elsewhere; they are made safe here.

    Attributes:
        title: Its heading; "" without one.
        lines: Sentences, one per line.
        head: The headings of the table's columns.
        rows: The table's cells.
        numbers: How many columns, from the right, are aligned to the right.
    """

    title: str
    lines: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: int = 0


def as_text(sections: Iterable[Section], columns: int | None = None) -> str:
    """Lines for a terminal, with an empty line between two sections.

    Args:
        sections: The parts.
        columns: The terminal's width. A wider table is shown in several parts, each of which
            begins with the first column. None: the tables are shown as they are.
    """
    return "\n\n".join("\n".join(_text(section, columns)) for section in sections)


def as_markdown(sections: Iterable[Section]) -> str:
    """A document in GitHub's Markdown."""
    return "\n\n".join("\n\n".join(_markdown(section)) for section in sections) + "\n"


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _text(section: Section, columns: int | None) -> list[str]:
    indent = "  " if section.title else ""
    lines = [one_line(section.title)] if section.title else []
    lines += [indent + one_line(line) for line in section.lines]
    if not section.rows:
        return lines
    table = [[one_line(cell) for cell in row] for row in (section.head, *section.rows)]
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    left = len(section.head) - section.numbers
    for part in _parts(widths, columns):
        for row in table:
            cells = []
            for number in part:
                space = " " * (widths[number] - width(row[number]))
                cells.append(row[number] + space if number < left else space + row[number])
            lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


def _parts(widths: Sequence[int], columns: int | None) -> list[list[int]]:
    """The numbers of the columns that are shown beside each other, the first one in each part."""
    parts, used = [[0]], 2 + widths[0]
    for number, size in enumerate(widths[1:], start=1):
        used += 2 + size
        if columns is not None and used > columns and len(parts[-1]) > 1:
            parts.append([0])
            used = 4 + widths[0] + size
        parts[-1].append(number)
    return parts


def _markdown(section: Section) -> list[str]:
    parts = [f"## {_escaped(section.title)}"] if section.title else []
    if section.lines:
        parts.append("\n".join(f"* {_escaped(line)}" for line in section.lines))
    if section.rows:
        left = len(section.head) - section.numbers
        rule = ["---" if number < left else "---:" for number in range(len(section.head))]
        rows = [[_escaped(cell) for cell in row] for row in (section.head, *section.rows)]
        rows.insert(1, rule)
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
    return parts


def _escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    marked = _MARKUP.sub(r"\\\1", one_line(text))
    return "".join(_HTML.get(c, c) for c in marked)

"""Colours of what a terminal shows. They repeat what the words say, for a quick look."""

from __future__ import annotations

from typing import ClassVar

from rich.highlighter import RegexHighlighter
from rich.theme import Theme

#: The terminal's own colours, which its user has chosen to be readable.
THEME = Theme(
    {
        "search.head": "bold",
        "search.good": "bold green",
        "search.over": "yellow",
        "search.bad": "bold red",
        "search.curve": "cyan",
        "search.bar": "green",
        "search.full": "yellow",
    }
)


class Words(RegexHighlighter):
    """Colours the words that say what became of a network, curves and bars."""

    base_style = "search."
    highlights: ClassVar[list[str]] = [
        r"(?m)^(?P<head>(job \d+|best|expected best|calibration):)",
        r"(?m): (?P<good>best so far)$",
        r"(?m): (?P<over>(over the budget|below what is required)(, not trained)?)",
        r"(?m)^job \d+: (?P<bad>broken):",
        r"(?P<curve>[▁▂▃▄▅▆▇█][▁▂▃▄▅▆▇█ ]*[▁▂▃▄▅▆▇█])",
        r"(?P<bar>\[#*\.*\])",
        r"(?P<full>\[#+!\])",
    ]

"""Text from elsewhere (paths, options, messages of exceptions) in a form that is safe to print."""

from __future__ import annotations


def one_line(text: object) -> str:
    r"""A text with an escape sequence for each character that is not printable.

    Line breaks are among them, so that the result is one line, and codes that change a terminal.

    >>> one_line("a\tb")
    'a\\tb'
    """
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)


def lines(text: object) -> str:
    """Lines of our own that contain text from elsewhere: line breaks stay, all else is escaped."""
    return "\n".join(map(one_line, str(text).split("\n")))

"""Text from elsewhere (paths, options, messages of exceptions) in a form that is safe to print."""

from __future__ import annotations

CUT = " ... "


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


def shortened(text: str, limit: int) -> str:
    """The text without its middle, if it is longer than `limit` characters.

    Its beginning says what is wrong, and its end what to do about it.
    """
    if len(text) <= limit:
        return text
    end = (limit - len(CUT)) // 2
    return text[: limit - len(CUT) - end] + CUT + text[-end:]


def lines(text: object) -> str:
    """Lines of our own that contain text from elsewhere: line breaks stay, all else is escaped."""
    return "\n".join(map(one_line, str(text).split("\n")))

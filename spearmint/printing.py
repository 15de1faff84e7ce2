"""Text from elsewhere (options, names, messages of exceptions) in a form that is safe to print."""

from __future__ import annotations

#: No reason is longer, in characters, where it is stored or printed.
LONGEST_REASON = 1000
_CUT = " ... "


def printable(text: str) -> str:
    r"""The text with an escape sequence for each character that is not printable.

    Line breaks are among them, so that the result is one line, and codes that change a terminal.

    >>> printable("a\tb")
    'a\\tb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Lines of our own that contain text from elsewhere: of those, only line breaks stay."""
    return "\n".join(map(printable, text.split("\n")))


def shortened(text: str, limit: int = LONGEST_REASON) -> str:
    """The text without its middle, if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    end = (limit - len(_CUT)) // 3
    return text[: limit - len(_CUT) - end] + _CUT + text[-end:]


def one_line(value: object, limit: int = LONGEST_REASON) -> str:
    """A value as one printable line of at most `limit` characters."""
    text = shortened(str(value), 10 * limit)  # the limit is on what remains
    return shortened(printable(" ".join(text.split())), limit)

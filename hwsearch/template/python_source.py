"""The text of a Python script: finds words outside strings and comments, and numbers of lines.

Python's own tokenizer cannot be used: a template is not Python yet, and a fault in one line must
not hide those after it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

# A backslash protects the next character in raw strings too, so prefixes do not matter. An f-string
# counts as a string up to its closing quote, including its replacement fields.
_SCAN = re.compile(
    r"""
      (?: \#[^\r\n]*+
        | \"{3} (?: [^"\\] | \\. | "(?!"") )*+ (?:\"{3})?
        | '{3}  (?: [^'\\] | \\. | '(?!'') )*+ (?:'{3})?
        | " (?: [^"\\\r\n] | \\(?:\r\n|.) )*+ "?
        | ' (?: [^'\\\r\n] | \\(?:\r\n|.) )*+ '?
      )
      | (?P<word>\w++)
    """,
    re.VERBOSE | re.DOTALL,
)
_GAP = r"(?:\s|\\(?:\r\n|\r|\n)|\#[^\r\n]*+)*+"
# What binds tighter than a minus sign, or would change a number in front of it: 3.real, 3e5.
_BINDS_TIGHTER = re.compile(rf"\w|{_GAP}(?:\*\*|[.\[(])")
_BLANKS = re.compile(r"\s*+")
_BREAK = re.compile(r"\r\n|\r|\n")
_LONGEST_OBJECT = 20_000
# A string in single quotes ends on its line; else the quote is an apostrophe.
_STRING_OR_BRACE = re.compile(
    r"""\#[^\r\n]*+ | "(?:[^"\\]|\\.)*+"? | '(?:[^'\\\r\n]|\\[^\r\n])*+' | [{}]""",
    re.DOTALL | re.VERBOSE,
)


class Source:
    """The text of a script.

    Args:
        text: The text with its own line ends (LF, CRLF or CR).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def line(self, position: int) -> int:
        """The line of a position, counted from 1."""
        return bisect.bisect_right(self._starts, position)

    def column(self, position: int) -> int:
        """The column of a position in its line, counted from 1."""
        return position - self._starts[self.line(position) - 1] + 1

    @property
    def lines(self) -> int:
        """The number of lines."""
        return len(self._starts)

    def line_text(self, number: int) -> str:
        """The text of a line with its line end; "" if there is no such line."""
        bounds = [*self._starts, len(self.text)]
        return self.text[bounds[number - 1] : bounds[number]] if number <= self.lines else ""

    def find(self, word: str, start: int = 0) -> int:
        """The next position of a whole word outside strings and comments; -1 if there is none."""
        for found in _SCAN.finditer(self.text, start):
            if found["word"] == word:
                return found.start()
        return -1

    def words(self) -> Iterator[tuple[str, int]]:
        """Generates all words outside strings and comments, and their positions."""
        for found in _SCAN.finditer(self.text):
            if found["word"]:
                yield found["word"], found.start()

    def skip_blanks(self, start: int) -> int:
        """The position of the next character that is not white space."""
        found = _BLANKS.match(self.text, start)
        return found.end() if found else start

    def closing_brace(self, start: int) -> int:
        """The position after the brace that closes the one at `start`, not in a string or comment.

        The scan continues there after a broken object. If no brace closes it within the next 20,000
        characters, the object ends with its line.
        """
        depth = 0
        for found in _STRING_OR_BRACE.finditer(self.text, start, start + _LONGEST_OBJECT):
            depth += {"{": 1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                return found.end()
        end = _BREAK.search(self.text, start)
        return end.start() if end else len(self.text)

    def binds_tighter(self, position: int) -> bool:
        """Whether a number in front of this position needs parentheses: `**`, `.`, a letter."""
        return _BINDS_TIGHTER.match(self.text, position) is not None

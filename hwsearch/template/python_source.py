"""A Python source as text: where a word stands outside strings and comments, and on which line.

Python's own tokenizer cannot be used: a template is not Python yet, and it is scanned to its end
however broken it is.
"""

from __future__ import annotations

import bisect
import json
import re
from collections import Counter
from typing import Any

# A backslash hides the next character from the tokenizer in raw strings too, so prefixes do not
# matter. An f-string is a string to its closing quote, its replacement fields included.
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
# What would bind tighter than a minus sign, or would make another number of a numeral: 3.real, 3e5.
_BINDS_TIGHTER = re.compile(rf"\w|{_GAP}(?:\*\*|[.\[(])")
_BLANKS = re.compile(r"\s*+")
_BREAK = re.compile(r"\r\n|\r|\n")
_LONGEST_OBJECT = 2_000
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}]', re.DOTALL)


class Source:
    """The text of a script.

    Args:
        text: With its line ends as they are (LF, CRLF or CR).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def line(self, position: int) -> int:
        """The number, from 1, of the line that holds a position."""
        return bisect.bisect_right(self._starts, position)

    def column(self, position: int) -> int:
        """The number, from 1, of the character within its line."""
        return position - self._starts[self.line(position) - 1] + 1

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._starts)

    def find(self, word: str, start: int = 0) -> int:
        """Where a word next stands by itself outside strings and comments; -1 = nowhere."""
        for found in _SCAN.finditer(self.text, start):
            if found["word"] == word:
                return found.start()
        return -1

    def skip_blanks(self, start: int) -> int:
        """The position of the first character that is not white space."""
        found = _BLANKS.match(self.text, start)
        return found.end() if found else start

    def closing_brace(self, start: int) -> int:
        """The position after the brace that closes the one at `start`, JSON strings jumped over.

        For going on behind a broken object: where no brace closes it soon, the end of its line.
        """
        depth = 0
        for found in _STRING_OR_BRACE.finditer(self.text, start, start + _LONGEST_OBJECT):
            depth += {"{": 1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                return found.end()
        end = _BREAK.search(self.text, start)
        return end.start() if end else len(self.text)

    def binds_tighter(self, position: int) -> bool:
        """Whether what follows would take a bare number apart: `**`, a trailer, a letter."""
        return _BINDS_TIGHTER.match(self.text, position) is not None


def read_object(
    source: Source, start: int
) -> tuple[dict[str, Any] | None, int, list[tuple[int, str]]]:
    """The JSON object whose brace is at `start`; where it ends; what is wrong with it as JSON.

    Faults come with their lines. The object is None where it cannot be read; of a key that stands
    twice the last value counts.
    """
    repeated: list[str] = []

    def as_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.extend(key for key, count in counts.items() if count > 1)
        return fields

    try:
        decoder = json.JSONDecoder(object_pairs_hook=as_dict, parse_int=_whole_number)
        fields, end = decoder.raw_decode(source.text, start)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at column {source.column(error.pos)}"
        fault = source.line(error.pos), f"got no valid JSON ({where}); expected an object {{...}}"
    except RecursionError:
        fault = source.line(start), "got JSON nested too deeply; expected a flat object"
    else:
        line = source.line(start)
        twice = [(line, f"got the key {json.dumps(k)} twice; expected it once") for k in repeated]
        return fields, end, twice
    return None, source.closing_brace(start), [fault]


def _whole_number(digits: str) -> int | float:
    # Python refuses to read ints of thousands of digits; as a float they are infinite: reported.
    return int(digits) if len(digits) <= 4000 else float(digits)

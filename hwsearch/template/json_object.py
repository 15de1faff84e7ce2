"""A JSON object inside a Python source."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hwsearch.template.python_source import Source

#: A line and what is wrong there.
Fault = tuple[int, str]


@dataclass(slots=True)
class ReadObject:
    """What was read.

    Attributes:
        fields: The object; a repeated key has its last value. None if it is not valid JSON.
        end: The position after the object; the scan of the source continues there.
        faults: What is wrong with it as JSON.
    """

    fields: dict[str, Any] | None
    end: int
    faults: list[Fault] = field(default_factory=list)


def read_object(source: Source, start: int) -> ReadObject:
    """Reads the JSON object that begins with the brace at `start`."""
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
        place = f"at column {source.column(error.pos)}: {error.msg}"
        line, first = source.line(error.pos), source.line(start)
        expected = _expected(source.text, error.pos)
        if line != first and error.msg.startswith("Expecting ','"):
            expected = (
                f"expected a comma, or the closing }} of the object that begins on line {first}"
            )
        fault = line, f"got invalid JSON {place}; {expected}"
    except RecursionError:
        fault = source.line(start), "got deeply nested JSON; expected an object of plain values"
    else:
        line = source.line(start)
        twice = [(line, f"got the key {json.dumps(k)} twice; expected it once") for k in repeated]
        return ReadObject(fields, end, twice)
    return ReadObject(None, source.closing_brace(start), [fault])


def _whole_number(digits: str) -> int | float:
    # Python refuses to convert thousands of digits; a float of them is infinite, which is reported.
    return int(digits) if len(digits) <= 4000 else float(digits)


def _expected(text: str, position: int) -> str:
    """What to write instead at a position where JSON is invalid: common Python habits are named."""
    rest = text[position : position + 20].lstrip()
    word = re.match(r"\w*", rest)
    if rest.startswith("'"):
        return "expected double quotes"
    if rest.startswith("#"):
        return "expected no comment, because JSON has none"
    if word and word[0] in ("True", "False"):
        return f"expected {word[0].lower()}, in lower case"
    if rest.startswith("."):
        return "expected digits before and after the decimal point"
    before = text[max(position - 20, 0) : position].rstrip()
    if re.match(r",\s*[}\]]", rest) or (before.endswith(",") and rest.startswith(("}", "]"))):
        return "expected no comma after the last entry"
    return "expected a JSON object, {...}"

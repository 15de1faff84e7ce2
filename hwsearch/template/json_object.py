"""A JSON object inside a Python source; Python's own spelling of it is read too."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hwsearch.template.python_literal import LiteralError, read_literal
from hwsearch.template.python_source import Source

#: A line and what is wrong there.
Fault = tuple[int, str]


@dataclass(slots=True)
class ReadObject:
    """What was read.

    Attributes:
        fields: The object; a repeated key has its last value. None if it cannot be read.
        end: The position after the object; the scan of the source continues there.
        faults: What is wrong with it as an object.
    """

    fields: dict[str, Any] | None
    end: int
    faults: list[Fault] = field(default_factory=list)


def read_object(source: Source, start: int) -> ReadObject:
    """Reads the object that begins with the brace at `start`: JSON, or else Python's literals."""
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
        return _python(source, start, error)
    except RecursionError:
        fault = source.line(start), "got deeply nested JSON; expected an object of plain values"
        return ReadObject(None, source.closing_brace(start), [fault])
    return ReadObject(fields, end, _twice(source.line(start), repeated))


def _python(source: Source, start: int, error: json.JSONDecodeError) -> ReadObject:
    """Reads an object that is not JSON, perhaps because it is written as Python writes it."""
    end = source.closing_brace(start)
    text = source.text[start:end]
    if text.endswith("}"):
        try:
            fields, repeated = read_literal(text)
        except LiteralError as other:
            # The reader that came further knows what was meant.
            if not other.is_syntax or start + other.position >= error.pos:
                line = source.line(start + other.position)
                return ReadObject(None, end, [(line, str(other))])
        else:
            return ReadObject(fields, end, _twice(source.line(start), repeated))
    place = f"at column {source.column(error.pos)}: {error.msg}"
    line, first = source.line(error.pos), source.line(start)
    expected = "expected a JSON object, {...}"
    if line != first and error.msg.startswith("Expecting ','"):
        expected = f"expected a comma, or the closing }} of the object that begins on line {first}"
    return ReadObject(None, end, [(line, f"got invalid JSON {place}; {expected}")])


def _twice(line: int, repeated: list[str]) -> list[Fault]:
    return [(line, f"got the key {json.dumps(key)} twice; expected it once") for key in repeated]


def _whole_number(digits: str) -> int | float:
    # Python refuses to convert thousands of digits; a float of them is infinite, which is reported.
    return int(digits) if len(digits) <= 4000 else float(digits)

"""Points that a user wants to be tried before all others: the value of `--enqueue`.

A file has one point per row (CSV, with tokens in its first row) or per object (a JSON list), in the
script's values. It is read in two steps, since the flags are read before the template: `ENQUEUE`
reads the file, `checked` compares what it says with the template.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsearch.command_line import kinds
from hwsearch.errors import UserError, did_you_mean
from hwsearch.printing import one_line
from hwsearch.template import Hyperparameter, Template
from hwsearch.template.conditions import active
from hwsearch.template.options import option_key
from hwsearch.template.quoting import quoted, quoted_name

#: One point: `place` ("points.csv:3"), `values` by token, and `text` if these are cells of a CSV.
Point = Mapping[str, Any]

_WORDS = {"True": True, "False": False, "None": None}


def _is_points(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(point, Mapping)
        and isinstance(point.get("place"), str)
        and isinstance(point.get("values"), Mapping)
        for point in value
    )


def _read(path: str) -> list[dict[str, Any]]:
    """The points of a file, not compared with a template yet.

    Raises:
        ValueError: The file cannot be read; says what was expected.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"a CSV or JSON file ({error.strerror})") from None
    except ValueError:
        raise ValueError("a CSV or JSON file in UTF-8") from None
    place = one_line(path)
    read = _json_points if text.lstrip()[:1] in ("[", "{") else _csv_points
    points = list(read(text, place))
    if not points:
        raise ValueError("a CSV or JSON file with at least one point")
    return points


ENQUEUE = kinds.Kind("a CSV or JSON file with points", _is_points, _read)


def _json_points(text: str, place: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON list, each with its line."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    at = _past_blanks(text, 0)
    try:
        decoder.decode(text)  # the whole, for the message about an unclosed list
        if text[at] != "[":
            raise ValueError("expected a list of points")
        at = _past_blanks(text, at + 1)
        while text[at] != "]":
            line = text.count("\n", 0, at) + 1
            values, at = decoder.raw_decode(text, at)
            if not isinstance(values, dict):
                raise ValueError(f"line {line}: got {quoted(values)}")
            yield {"place": f"{place}:{line}", "values": values}
            at = _past_blanks(text, at)
            at = _past_blanks(text, at + (text[at] == ","))
    except (ValueError, RecursionError) as error:
        raise ValueError(f'a JSON list such as [{{"units": 32}}, {{"units": 64}}] ({error})') from (
            None
        )


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{quoted(twice)} is given twice in one object")
    return values


def _csv_points(text: str, place: str) -> Iterator[dict[str, Any]]:
    """The rows of a CSV; an empty cell says nothing."""
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        twice = [name for name in header if header.count(name) > 1]
        if twice:
            raise ValueError(f"the column {twice[0]!r} appears twice in the first row")
        start = rows.line_num + 1
        for row in rows:
            line, start = start, rows.line_num + 1
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) > len(header):
                raise ValueError(
                    f"line {line} has {len(cells)} cells, the first row has {len(header)}"
                )
            values = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
            yield {"place": f"{place}:{line}", "values": values, "text": True}
    except (csv.Error, ValueError) as error:
        raise ValueError(
            f"a CSV file with tokens in its first row and a point in each other row ({error})"
        ) from None


def checked(points: Sequence[Point], template: Template) -> list[dict[str, Any]]:
    """The points with the values as the script gets them.

    A hyper-parameter that is not named has its default, and needs none where it does not matter.

    Args:
        points: As `ENQUEUE` reads them.
        template: Whose hyper-parameters they name.

    Raises:
        UserError: A point does not fit to the template; one line per fault, with its place.
    """
    faults: list[str] = []
    found = []
    tokens = [entry.token for entry in template.hyperparameters]
    for point in points:
        unknown = [name for name in point["values"] if name not in tokens]
        faults += [_unknown(name, point, tokens) for name in unknown]
        values = _values(point, template, faults)
        if not unknown:  # else it probably is the one that is missing
            faults += _missing(str(point["place"]), values, template)
        found.append({"place": point["place"], "values": values})
    if faults:
        raise UserError("\n".join(dict.fromkeys(faults)))
    return found


def _unknown(name: str, point: Point, tokens: Sequence[str]) -> str:
    """The fault of a name that is no token; that of a column is in the first row."""
    place = str(point["place"])
    if point.get("text"):
        place = f"{place.rpartition(':')[0]}:1"
    hint = did_you_mean(name, tokens) or f"; hyper-parameters: {', '.join(map(one_line, tokens))}"
    return f"{place}: got {quoted(name)}; expected the token of a hyper-parameter{hint}"


def _values(point: Point, template: Template, faults: list[str]) -> dict[str, Any]:
    known = {entry.token: entry for entry in template.hyperparameters}
    values = {}
    for token, given in point["values"].items():
        if token not in known:
            continue
        entry = known[token]
        value = _of_text(entry, given) if point.get("text") else given
        try:
            values[token] = entry.scripts(entry.optimisers(value))
        except (ValueError, TypeError) as error:
            faults.append(
                f"{point['place']}: hyper-parameter {quoted_name(token)}: got {quoted(given)}; "
                f"expected {error}"
            )
            values[token] = None  # named, though not well
    return values


def _missing(place: str, values: Mapping[str, Any], template: Template) -> Iterator[str]:
    """Faults about hyper-parameters that matter, have no default and are not named."""
    entries = template.hyperparameters
    filled = {
        entry.token: entry.default if entry.has_default else entry.samples()[0] for entry in entries
    } | dict(values)
    matter = active(entries, filled)
    for entry in entries:
        if entry.token in matter and entry.token not in values and not entry.has_default:
            yield (
                f"{place}: hyper-parameter {quoted_name(entry.token)}: got nothing; expected a "
                "value, as the template has no default for it"
            )


def _of_text(entry: Hyperparameter, text: str) -> Any:
    """The value that a cell of a CSV stands for; the text itself if that is no value."""
    if entry.type != "ENUM":
        number = kinds.number(text)
        return text if number is None else number
    readings: list[Any] = [text]
    if text in _WORDS:
        readings.append(_WORDS[text])
    with contextlib.suppress(ValueError, RecursionError):
        readings.append(json.loads(text))
    options = {option_key(option): option for option in entry.options}
    return next((r for r in readings if _key(r) in options), text)


def _key(value: Any) -> Any:
    try:
        key = option_key(value)
        hash(key)
    except (TypeError, RecursionError):
        return None
    return key


def for_config(
    points: Sequence[Point] | None, template: Template
) -> tuple[list[dict[str, Any]], list[str]]:
    """The `first-points` of config.json, and the places of points that no longer are inside.

    Args:
        points: As `checked` gave them, perhaps for the template as it was before.
        template: As it is now.
    """
    known = {entry.token: entry for entry in template.hyperparameters}
    inside: list[dict[str, Any]] = []
    outside = []
    for point in points or ():
        try:
            inside.append(
                {token: known[token].optimisers(v) for token, v in point["values"].items()}
            )
        except (ValueError, KeyError):
            outside.append(str(point["place"]))
    return inside, outside

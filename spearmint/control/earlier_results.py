"""Results of other experiments that inform the models: the file `earlier-results` of config.json.

    [{"from": "run-1 job 3", "params": {"x": {"type": "float", "values": [0.5]}},
      "values": {"cost": 3.2, "room": null}}]

They are never the best, do not count as jobs, and their points may be suggested again. A value that
is null is unknown, which says nothing about failures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spearmint.config import Task
from spearmint.config.reader import as_number
from spearmint.console.command_line import counted
from spearmint.console.printing import one_line
from spearmint.database import Document
from spearmint.errors import UserError
from spearmint.optimiser.observations import FROM
from spearmint.optimiser.space import Space

EXPECTED = 'a list of objects with "from", "params" and "values"'


def load(path: Path, space: Space, tasks: Sequence[Task]) -> list[Document]:
    """The results as job documents with ids below 0.

    Args:
        path: The file.
        space: The searched space; points may lie outside its ranges.
        tasks: All tasks.

    Raises:
        UserError: The file cannot be read, or a result has other variables, or values that are not
            numbers or null for each task.
    """
    entries = _read(path)
    documents: list[Document] = []
    for number, entry in enumerate(entries):
        place = f"{path}: [{number}]"
        params, values = entry.get("params"), entry.get("values")
        if not isinstance(params, Mapping) or not isinstance(values, Mapping):
            raise UserError(f"{place}: got {_shown(entry)}; expected {EXPECTED}")
        names = [task.name for task in tasks]
        if set(values) != set(names) or not all(map(_is_value, values.values())):
            raise UserError(
                f"{place}: values: got {_shown(values)}; expected a number or null for each of "
                f"{', '.join(names)}"
            )
        if set(params) != set(space.names):
            raise UserError(
                f"{place}: params: got {sorted(params)}; config.json has {sorted(space.names)}"
            )
        documents.append(
            {
                "id": number - len(entries),
                "status": "complete",
                "params": params,
                "values": values,
                FROM: str(entry.get("from")),
            }
        )
    wide = space.widened([document["params"] for document in documents])
    for number, document in enumerate(documents):
        wide.encode(document["params"], place=f"{path}: [{number}]")
    return documents


def described(documents: Sequence[Document]) -> str:
    """What the search says about them at its start."""
    return (
        f"{counted(len(documents), 'earlier result')} from other experiments: the model uses "
        "them, but they are never the best and do not count as tried"
    )


def _read(path: Path) -> list[Mapping[str, Any]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; expected {EXPECTED}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: is not JSON: {one_line(error)}; expected {EXPECTED}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise UserError(f"{path}: got {_shown(entries)}; expected {EXPECTED}")
    return entries


def _is_value(value: Any) -> bool:
    return value is None or as_number(value) is not None


def _shown(value: Any) -> str:
    text = one_line(json.dumps(value))
    return text if len(text) <= 80 else f"{text[:76]} ..."

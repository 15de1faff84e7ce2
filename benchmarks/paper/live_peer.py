"""An optimiser that answers over pipes, since it lives in another environment than the trials.

Started by `live.py`: `python benchmarks/paper/live_peer.py optuna_tpe SEED SPACE.json`. Each line
of the input is a JSON list: `["ask"]`, answered by a line with a point's values, or
`["tell", RESULTS]` with the results of the last point.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser import peers
from benchmarks.optimiser.problems import Definition


def space(variables: dict[str, Any]) -> Definition:
    """The space of a config.json with one constraint, whose results come from elsewhere."""

    def unknown(values: Any) -> tuple[float, list[float]]:
        raise NotImplementedError(values)

    return Definition("live", variables, unknown, ("runtime",), "experiments/digits")


def answers(method: str, seed: int, variables: dict[str, Any], lines: Iterable[str]) -> Iterator:
    """The values of each point that is asked for."""
    peer = peers.create(method, space(variables), seed)
    token: Any = None
    for line in lines:
        what, *results = json.loads(line)
        if what == "tell":
            peer.tell(token, results[0])
        else:
            token, values = peer.ask()
            yield values


if __name__ == "__main__":
    table = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
    for point in answers(sys.argv[1], int(sys.argv[2]), table, sys.stdin):
        print(json.dumps(point), flush=True)

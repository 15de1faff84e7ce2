"""A search of a function whose indices and values are known."""

from __future__ import annotations

from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.optimiser.candidates import design
from spearmint.optimiser.space import Space

CONFIG = {
    "variables": {
        "a": {"type": "FLOAT", "min": 0, "max": 1},
        "b": {"type": "FLOAT", "min": 0, "max": 1},
        "unused": {"type": "INT", "min": 1, "max": 9},
        "kind": {"type": "ENUM", "options": ["x", "</script>"]},
    },
    "tasks": {
        "f": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
        "works": {"type": "CONSTRAINT", "likelihood": "STEP"},
    },
}


def problem(config=CONFIG):
    return read_problem(ObjectReader(config, "", Faults("config")))


def value(params):
    a, b = params["a"]["values"][0], params["b"]["values"][0]
    return {
        "f": 3 * a + b,
        "c": b if params["kind"]["values"] == ["x"] else b + 1.5,
        "works": 1.0,
    }


def finished(count=40, config=CONFIG, values=value):
    """Jobs at the first points of a design; their ids start at 5."""
    space = Space(problem(config).variables)
    points = [space.decode(row) for row in design(space, count, 0)]
    return [
        {"id": n, "status": "complete", "params": params, "values": values(params)}
        for n, params in enumerate(points, start=5)
    ]

"""The optimiser that answers over pipes."""

from __future__ import annotations

import json

from benchmarks.paper import live_peer

VARIABLES = {
    "units": {"type": "INT", "size": 1, "min": 3, "max": 5},
    "rate": {"type": "FLOAT", "size": 1, "min": 0.5, "max": 3.5},
    "activation": {"type": "ENUM", "size": 1, "options": ["relu", "tanh"]},
}


def test_points_of_the_space_are_answered_and_results_are_told() -> None:
    told = json.dumps(["tell", {"objective": 4.0, "runtime": -0.5}])
    lines = ['["ask"]', told, '["ask"]', told]
    first, second = live_peer.answers("random", 1, VARIABLES, lines)
    assert first != second
    for units, rate, activation in (first, second):
        assert units in {3, 4, 5}
        assert 0.5 <= rate <= 3.5
        assert activation in {"relu", "tanh"}
    again = list(live_peer.answers("random", 1, VARIABLES, lines))
    assert again == [first, second]
    ours = list(live_peer.answers("ours", 1, VARIABLES, lines))
    assert len(ours) == 2

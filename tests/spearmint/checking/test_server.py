from __future__ import annotations

import json
import math
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spearmint.checking.server import Server, answer_of
from spearmint.errors import UserError
from spearmint.worker.outcome import UnusableValueError


def test_values_are_finite_numbers() -> None:
    assert answer_of(None) == ({}, {})
    returned = {"a": 1, "b": np.float32(0.5), "c": math.nan, "d": None, "e": math.inf, "f": True}
    assert answer_of(returned) == ({"a": 1.0, "b": 0.5, "f": 1.0}, {})


def test_pairs_are_predictions() -> None:
    returned = {"a": [1, np.float64(0.5)], "b": (math.nan, 1.0), "c": 2, "d": [3.0], "e": (0, 0)}
    assert answer_of(returned) == ({"c": 2.0, "d": 3.0}, {"a": [1.0, 0.5], "e": [0.0, 0.0]})


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (3.0, "^got float; expected a dictionary {task: value}"),
        ({"a": "1"}, "^a: got '1'; expected a number"),
        ({"a": [1, 2, 3]}, r"a: got \[1, 2, 3\], with 3 numbers; expected a number, or \[mean"),
        ({"a": [1, -2]}, r"a: got \[1, -2\]; expected a standard deviation of 0 or more"),
        ({"a": [1, "2"]}, r"a: got \[1, '2'\]; expected a number, or \[mean"),
    ],
)
def test_what_a_check_must_not_return(returned: Any, words: str) -> None:
    with pytest.raises((UserError, UnusableValueError), match=words):
        answer_of(returned)


@pytest.mark.parametrize("forks", [True, False])
def test_candidates_share_nothing_if_it_can_fork(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("spearmint.checking.server.can_fork", lambda: forks)
    monkeypatch.setattr("sys.path", [])
    (tmp_path / "own_check.py").write_text(
        "import builtins\n"
        "def check(params):\n"
        "    builtins.seen = getattr(builtins, 'seen', []) + [int(params['x'])]\n"
        "    return {'c': len(builtins.seen)}\n"
    )
    ours, theirs = socket.socketpair()
    for number, x in ((1, 5), (2, 6)):
        params = {"x": {"type": "int", "values": [x]}}
        ours.sendall(json.dumps({"check": number, "params": params}).encode() + b"\n")
    ours.shutdown(socket.SHUT_WR)
    Server(theirs, str(tmp_path), "own_check.py", "check").serve({"no_module": "why"})
    with ours, ours.makefile() as lines:
        theirs.close()
        answers = [json.loads(line) for line in lines]
    assert answers == [
        {"ready": True, "failed": {"no_module": "why"}},
        {"answer": 1, "values": {"c": 1.0}, "predictions": {}},
        {"answer": 2, "values": {"c": 1.0 if forks else 2.0}, "predictions": {}},
    ]

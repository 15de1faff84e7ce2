"""A folder with a check, and the process that runs it."""

from __future__ import annotations

import select
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.checking.checker import Checker, Verdict
from spearmint.config import parse

PATIENCE_S = 240.0


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Callable[..., Checker]]:
    """Makes checkers of a file's function `check`."""
    made: list[Checker] = []

    def make(code: str, **changes: Any) -> Checker:
        (tmp_path / "f.py").write_text(textwrap.dedent(code), encoding="utf-8")
        document = {
            "variables": {"x": {"type": "INT", "min": 0, "max": 9}},
            "tasks": {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}},
            "main-file": "f.py",
            "candidate-check": {"function": "f.py:check"} | changes,
        }
        config = parse(document, folder=tmp_path, environ={})
        assert config.candidate_check is not None
        made.append(Checker.create(config, config.candidate_check))
        return made[-1]

    yield make
    for one in made:
        one.close()


def point(x: int) -> dict[str, Any]:
    return {"x": {"type": "int", "values": [x]}}


def verdict(one: Checker, x: int) -> Verdict:
    """Asks, and waits for the answer."""
    one.ask(point(x))
    while (found := one.answer()) is None:
        select.select(one.sources(), [], [], PATIENCE_S if one.limit_s >= 60 else 0.05)
    return found

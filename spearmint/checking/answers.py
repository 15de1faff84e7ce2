"""What checks have answered so far, so that a candidate need not be checked twice.

Candidates that differ in FLOAT variables only, such as a learning rate, mostly get the same answer.
Once `ENOUGH` pairs of them were compared and none differed, the answer about one of them serves for
all. One difference ends this for the rest of the search.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spearmint.checking.checker import Verdict

Point = Mapping[str, Any]

#: So many pairs of candidates have to have the same answer.
ENOUGH = 3


@dataclass(slots=True)
class Answers:
    """The answers, as long as they hold.

    Attributes:
        compared: Pairs of candidates that differ in FLOAT variables only and have the same answer.
        differ: Whether there was a pair with different answers.
    """

    compared: int = field(default=0, init=False)
    differ: bool = field(default=False, init=False)
    _basis: Hashable = field(default=None, init=False)
    _of_points: dict[str, Verdict] = field(default_factory=dict, init=False)
    _of_kinds: dict[str, Verdict] = field(default_factory=dict, init=False)

    @property
    def serve_for_all(self) -> bool:
        """Whether one answer serves for all candidates that differ in FLOAT variables only."""
        return self.compared >= ENOUGH and not self.differ

    def begin(self, basis: Hashable) -> None:
        """Forgets the answers if they were given on another basis: other measurements, say."""
        if basis != self._basis:
            self._basis = basis
            self._of_points.clear()
            self._of_kinds.clear()

    def add(self, point: Point, verdict: Verdict) -> None:
        """Keeps an answer; a check that failed may give one the next time."""
        text, kind = text_of(point), kind_of(point)
        if verdict.error or text in self._of_points:
            return
        self._of_points[text] = verdict
        known = self._of_kinds.setdefault(kind, verdict)
        if known is not verdict:
            self.differ |= known != verdict
            self.compared += known == verdict

    def of(self, point: Point) -> Verdict | None:
        """The answer about a candidate; None if it has to be checked."""
        found = self._of_points.get(text_of(point))
        if found is None and self.serve_for_all:
            found = self._of_kinds.get(kind_of(point))
        return found

    def knows_kind(self, point: Point) -> bool:
        """Whether a candidate that differs from this one in FLOAT variables only was checked."""
        return kind_of(point) in self._of_kinds


def kind_of(point: Point) -> str:
    """A text that is the same for points which differ in FLOAT variables only."""
    return text_of({name: one for name, one in point.items() if one.get("type") != "float"})


def text_of(point: Any) -> str:
    """A text that is the same for the same point."""
    return json.dumps(point, sort_keys=True, default=str)

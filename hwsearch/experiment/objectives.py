"""What a run optimises: one metric, or up to three whose Pareto front is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsearch import budget

#: The most that the optimiser handles.
MOST_OBJECTIVES = 3


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric that is optimised.

    Attributes:
        name: The metric's.
        maximised: Whether it is to be as high as possible.
    """

    name: str
    maximised: bool = False

    def minimised(self, value: float) -> float:
        """What the optimiser minimises, from the metric's value; and the other way round."""
        return budget.minimised(value, self.maximised)


def goal(objectives: Sequence[tuple[str, bool]]) -> str:
    """What is wanted: "error and power as low as possible".

    Args:
        objectives: Name, and whether it is maximised, of each; at least one.
    """
    words = []
    for maximised in (objectives[0][1], not objectives[0][1]):
        names = [name for name, other in objectives if other is maximised]
        if names:
            words.append(f"{listed(names)} as {'high' if maximised else 'low'} as possible")
    return ", ".join(words)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "error, power and size"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def non_dominated(points: Sequence[tuple[float, ...]]) -> list[int]:
    """The Pareto front of points, all of whose values are minimised.

    No other point is nowhere worse than one on the front and somewhere better; equal ones are all
    on it.

    Args:
        points: Finite values.

    Returns:
        The places of those on the front, ordered by the first value, then by the others.
    """
    found: list[int] = []
    # In this order, no point is dominated by a later one.
    for place in sorted(range(len(points)), key=lambda place: points[place]):
        point = points[place]
        if not any(dominates(points[other], point) for other in found):
            found.append(place)
    return found


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether one point is nowhere worse than the other, and somewhere better."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

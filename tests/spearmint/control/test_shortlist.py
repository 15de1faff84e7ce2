from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spearmint.checking.checker import Verdict
from spearmint.control.shortlist import Shortlist
from spearmint.optimiser.rating import Rating

POINTS = [{"n": {"values": [n]}} for n in range(4)]


class Asked:
    """Rates a point by its value, and keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[int], list[Any]]] = []

    def __call__(
        self,
        points: Sequence[Mapping[str, Any]],
        predicted: Sequence[Mapping[str, Sequence[float]] | None],
    ) -> list[Rating]:
        values = [point["n"]["values"][0] for point in points]
        self.calls.append((values, list(predicted)))
        return [Rating({}, value=float(value)) for value in values]


def test_candidates_that_were_not_checked_are_rated_without_predictions() -> None:
    rate = Asked()
    shortlist = Shortlist(7, POINTS, rate)
    shortlist.verdicts[2] = Verdict({}, predictions={"power": (3.0, 1.0)})
    shortlist.verdicts[3] = Verdict({"size": 1.0})
    rated = shortlist.rated()
    assert [place for place, _ in rated] == [0, 1, 2, 3]
    assert rate.calls == [([0, 1, 2, 3], [None, None, {"power": (3.0, 1.0)}, {}])]


def test_candidates_with_the_same_discrete_values_share_a_prediction_until_they_are_checked() -> (
    None
):
    rate = Asked()
    points = [
        {"n": {"type": "int", "values": [n]}, "x": {"type": "float", "values": [x]}}
        for n, x in [(1, 0.1), (1, 0.2), (2, 0.1), (2, 0.2)]
    ]
    shortlist = Shortlist(7, points, rate)
    shortlist.verdicts[0] = Verdict({}, predictions={"power": (3.0, 1.0)})
    shortlist.verdicts[2] = Verdict({"size": 1.0})
    shortlist.rated()
    assert rate.calls[0][1] == [{"power": (3.0, 1.0)}, {"power": (3.0, 1.0)}, {}, None]
    shortlist.verdicts[1] = Verdict({}, predictions={"power": (5.0, 1.0)})
    shortlist.rated()
    assert rate.calls[1][1][:2] == [{"power": (3.0, 1.0)}, {"power": (5.0, 1.0)}]


def test_discarded_candidates_are_not_rated_and_keep_the_places_of_the_others() -> None:
    rate = Asked()
    shortlist = Shortlist(7, POINTS, rate)
    shortlist.verdicts[1] = Verdict({}, predictions={"power": (-3.0, 1.0)})
    shortlist.left.remove(1)
    assert [(place, rating.value) for place, rating in shortlist.rated()] == [
        (0, 0.0),
        (2, 2.0),
        (3, 3.0),
    ]
    assert rate.calls == [([0, 2, 3], [None, None, None])]
    shortlist.left.clear()
    assert shortlist.rated() == []
    assert len(rate.calls) == 1


def test_whether_something_is_predicted_of_a_candidate() -> None:
    shortlist = Shortlist(7, POINTS, Asked())
    shortlist.verdicts[0] = Verdict({"size": 1.0})
    assert not shortlist.is_predicted
    shortlist.verdicts[1] = Verdict({}, predictions={"power": (3.0, 1.0)})
    assert shortlist.is_predicted

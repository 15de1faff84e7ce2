"""Searches on the table of networks, and their virtual clock."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from benchmarks.paper.replay import (
    BUILD_S,
    HYPERPOWER,
    LEARNING,
    METHODS,
    PROFILE_S,
    UNAWARE,
    Replay,
    bound,
    networks,
    search,
)

EACH_S = BUILD_S + PROFILE_S


def row(within: bool, after: int = -1) -> int:
    """The first row after another one that meets the budget of 15 %, or does not."""
    found = (i for i, n in enumerate(networks()) if (n.latency_s <= bound(15)) == within)
    return next(i for i in found if i > after)


def test_budgets_are_met_by_their_share_of_the_networks() -> None:
    for share in (5, 15, 40):
        met = [network.latency_s <= bound(share) for network in networks()]
        assert 100 * np.mean(met) == pytest.approx(share, abs=0.7)


def test_the_clock_of_a_search() -> None:
    over, first = row(within=False), row(within=True)
    second = row(within=True, after=first)
    unaware = Replay([over, first, second], UNAWARE, 15, 10.0)
    assert (unaware.trained, unaware.over) == ([True, True, True], 1)
    train = [10 * networks()[i].train_s for i in (over, first, second)]
    assert unaware.clock_s == pytest.approx(np.cumsum([EACH_S + t for t in train]).tolist())
    gated = Replay([over, first, second], HYPERPOWER, 15, 10.0)
    assert (gated.trained, gated.over) == ([False, True, True], 0)
    assert gated.clock_s[1] == pytest.approx(2 * EACH_S + train[1])
    # A network over the budget is no result, whether it was trained or not.
    assert unaware.best[0] == gated.best[0] == inf
    error = networks()[first].error
    assert unaware.best[1] == gated.best[1] == error
    assert gated.time_to(error) == gated.clock_s[1]
    assert gated.time_to(-1.0) == inf
    assert gated.until(gated.clock_s[1]).suggested == [over, first]
    assert gated.until(0.0).found == inf


@pytest.mark.parametrize("method", METHODS)
def test_searches(method: str) -> None:
    found = search(method, HYPERPOWER, 40, seed=1, trainings=5, evaluations=9)
    assert len(set(found)) == len(found)
    trained = sum(Replay(found, HYPERPOWER, 40).trained)
    assert trained == 5 or (trained < 5 and len(found) == 9)
    assert len(search(method, LEARNING, 40, seed=1, trainings=3, evaluations=9)) == 3

"""Which models are kept."""

from __future__ import annotations

import math
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from hwsearch.budget import AtLeast
from hwsearch.experiment.kept.selection import front, selected
from tests.hwsearch.experiment.kept.samples import SETTINGS, network

POINTS = st.lists(st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float)), max_size=8)


@given(POINTS)
def test_nothing_on_the_front_is_dominated(pairs) -> None:
    points = [(*pair, number) for number, pair in enumerate(pairs)]
    expected = {
        number
        for one, cost, number in points
        if not any(
            other <= one and price <= cost and (other, price) != (one, cost)
            for other, price, _ in points
        )
    }
    assert set(front(points)) == expected


@given(POINTS, st.integers(1, 3))
def test_what_was_left_out_is_never_wanted_again(pairs, most) -> None:
    networks = [network(job, error, 83 + power) for job, (error, power) in enumerate(pairs)]
    kept = []
    for one in networks:
        jobs = selected([*kept, one], SETTINGS, most)
        kept = [other for other in (*kept, one) if other.job in jobs]
    assert {one.job for one in kept} == selected(networks, SETTINGS, most)


def test_the_best_under_the_budget_and_the_front() -> None:
    networks = [
        network(1, 5.0, 84.0),
        network(2, 4.0, 84.5),
        network(3, 3.0, 99.0),  # over the budget, but on the front
        network(4, 3.5, 99.5),  # dominated, and over the budget
        network(5, 6.0, 84.2),  # the third best
        network(6, 9.0, 20.0),  # on the front
        network(7, math.nan, 1.0),
    ]
    assert selected(networks, SETTINGS, 2) == {1, 2, 3, 6}
    assert selected(networks, SETTINGS, 3) == {1, 2, 3, 5, 6}
    unbounded = replace(SETTINGS, constraints={})
    assert selected(networks, unbounded, 2) == {3, 4}
    maximised = replace(SETTINGS, maximize=True, constraints={"power": AtLeast(50.0)})
    assert selected(networks, maximised, 1) == {2, 4, 5, 6}


def test_the_front_of_several_objectives_is_kept_without_being_asked() -> None:
    two = replace(SETTINGS, constraints={}, further_objectives={"power": False})
    networks = [
        network(1, 5.0, 84.0),
        network(2, 4.0, 90.0),
        network(3, 4.5, 91.0),  # dominated
        network(4, 5.0, math.nan),
    ]
    assert selected(networks, two, None) == {1, 2}
    assert selected(networks, two, 2) == {1, 2, 3}
    assert selected(networks, replace(two, further_objectives={"power": True}), None) == {2, 3}


def test_the_best_for_each_budget_of_a_sweep_is_kept() -> None:
    swept = replace(SETTINGS, constraints={"power": 90.0}, sweep={"power": [90.0, 60.0]})
    networks = [
        network(1, 5.0, 84.0),
        network(2, 4.0, 89.0),
        network(3, 6.0, 59.0),
        network(4, 7.0, 50.0),
        network(5, 1.0, 99.0),
    ]
    assert selected(networks, swept, None) == {2, 3}
    tighter = replace(swept, constraints={"power": 60.0})
    assert selected(networks, tighter, None) == {2, 3}

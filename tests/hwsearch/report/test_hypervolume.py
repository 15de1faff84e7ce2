"""The hypervolume of a front."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.report.hypervolume import hypervolume, shares
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.test_run_table import TWO, several

COORDINATES = st.integers(0, 4)


@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.tuples(*[COORDINATES] * n), max_size=6)))
def test_it_is_the_number_of_unit_cells_that_are_dominated(points):
    count = len(points[0]) if points else 2
    cells = itertools.product(range(4), repeat=count)
    dominated = sum(
        any(all(a <= b for a, b in zip(point, cell, strict=True)) for point in points)
        for cell in cells
    )
    assert hypervolume(points, [4.0] * count) == dominated


def test_the_share_grows_to_the_whole():
    found = [several(1, 8.0, 10.0), several(2, 2.0, 20.0), several(3, 9.0, 30.0)]
    found += [several(4, 3.0, 12.0)]
    for number, job in enumerate(found):
        job["end time"] = float(number)
    reached = shares(RunTable.of_run(TWO, found))
    # The reference point is 9.7 and 32.
    whole = 1.7 * 22 + 5 * 20 + 1 * 12
    expected = [1.7 * 22 / whole, (1.7 * 22 + 6 * 12) / whole]
    assert reached == pytest.approx([*expected, expected[1], 1.0])


def test_without_a_network_under_the_budget():
    table = RunTable.of_run(TWO, [several(1, 8.0, 10.0, macs=30.0)])
    assert shares(table) == [None]
    assert shares(RunTable.of_run(TWO, [several(1, 8.0, 10.0)])) == [1.0]

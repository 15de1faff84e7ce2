"""The paper's comparison, with few networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.paper import comparison
from benchmarks.paper.comparison_report import tables
from benchmarks.paper.replay import LEVELS, METHODS, UNAWARE


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("comparison") / "results.jsonl"
    comparison.run(file, seeds=1, trainings=4, evaluations=6, shares=(40,))
    return file


def test_every_search_once_and_none_again(results: Path) -> None:
    before = results.read_text()
    assert len(before.splitlines()) == len(METHODS) * len(LEVELS) - 1
    comparison.run(results, seeds=1, trainings=4, evaluations=6, shares=(40,))
    assert results.read_text() == before
    # What a killed run lacks is run again, with the same result.
    results.write_text("".join(before.splitlines(keepends=True)[:-1]))
    comparison.run(results, seeds=1, trainings=4, evaluations=6, shares=(40,))
    assert results.read_text() == before


def test_tables_have_a_row_for_each_method_and_level(results: Path) -> None:
    runs = comparison.complete(comparison.read(results))
    lines = list(tables(runs))
    rows = [line for line in lines if line.startswith("| 40 % |")]
    assert len(rows) == 2 * len(METHODS) * len(LEVELS) + 2 * len(METHODS)
    unaware = [line for line in rows if f"| {UNAWARE} |" in line]
    assert len(unaware) == 2 * len(METHODS)
    assert all("| 1 | 4 | 4 |" in line for line in unaware)

"""Searches with a clock in which trainings take different times."""

from __future__ import annotations

import json
from math import inf, isnan
from pathlib import Path

import numpy as np
import pytest

from benchmarks.paper import per_second
from benchmarks.paper.per_second import LIMITED, PER_SECOND, PLAIN, Search
from benchmarks.paper.replay import BUILD_S, PROFILE_S


def test_seconds_of_an_evaluation() -> None:
    both = [np.array(per_second.training_s(clock)) for clock in per_second.SHARES]
    assert [np.ptp(np.log10(seconds)) > 2 for seconds in both] == [False, True]
    assert np.median(both[1]) == per_second.MEDIAN_S
    ends = [per_second.evaluate(row, "digits", 15) for row in range(720)]
    within = [left >= 0 for _, _, left in ends]
    assert [seconds > BUILD_S + PROFILE_S for seconds, _, _ in ends] == within
    assert [not isnan(error) for _, error, _ in ends] == within


def test_a_search_with_a_limit_ends_before_it() -> None:
    plain, limited = (
        per_second.history(key, Search(*key).run())
        for key in (("digits", 40, mode, 45.0, 1) for mode in (PLAIN, LIMITED))
    )
    assert plain[-1][0] > 45.0
    assert limited[-1][0] < 45.0
    assert np.all(np.diff([best for _, best in limited]) <= 0)


def test_report(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    assert per_second.read(results) == {}
    entries = [(PLAIN, None, [5, 6]), (PER_SECOND, None, [7]), (PLAIN, 1200.0, [8])]
    keys = ("clock", "share", "seed", "mode", "limit_s", "tried")
    lines = [json.dumps(dict(zip(keys, ("macs", 15, 1, *one), strict=True))) for one in entries]
    results.write_text("\n".join(lines))
    found = per_second.read(results)
    assert found["macs", 15, PLAIN, inf, 1]["tried"] == [5, 6]
    lines = [line for line in per_second.tables(found) if line.startswith("| macs")]
    assert [line.split(" | ")[2] for line in lines] == [PLAIN, PER_SECOND, "1200"]
    assert lines[0].split(" | ")[3:5] == ["1", "1"], "of one seed, not found"


@pytest.mark.parametrize("share", [15, 100])
def test_the_lowest_error_of_a_budget(share: int) -> None:
    errors = [per_second.evaluate(row, "macs", share)[1] for row in range(720)]
    assert per_second.lowest(share) == np.nanmin(errors)


def test_searches_on_learning_curves(curves: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    per_second.run(results, 1, curves)
    found = per_second.read(results)
    modes = [PLAIN, PER_SECOND, LIMITED]
    assert [key[:3] for key in found] == [("task", 100, mode) for mode in modes]
    per_second.run(results, 1, curves)
    assert per_second.read(results) == found, "nothing is repeated"
    lines = list(per_second.epochs_table(found))
    plain, paced, _ = (one["seconds"] for one in found.values())
    ratio = f"{paced / plain:.2f}"
    assert lines[2] == f"| {PER_SECOND} | 1 | 0 | 0 | {ratio} ({ratio} to {ratio}) |"
    lost = {key: one | {"seconds": None} for key, one in found.items()}
    assert list(per_second.epochs_table(lost))[3] == f"| {LIMITED} | 1 | 1 | 1 | nan (nan to nan) |"

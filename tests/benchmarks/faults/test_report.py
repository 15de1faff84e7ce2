from __future__ import annotations

from typing import Any

from benchmarks.faults import report


def result(kind: str, lost: int = 0, status: int | None = 0) -> dict[str, Any]:
    verdict = dict.fromkeys(report.COLUMNS, 0) | {"lost": lost}
    return {
        "kind": kind,
        "database": "SQLite",
        "number": 0,
        "verdict": verdict,
        "orphans": [],
        "statuses": [1, status],
        "seconds": 2.0,
        "faults": ["wrong"] if lost or status else [],
    }


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines()]


def test_a_row_per_kind_and_their_sum() -> None:
    text = report.trials([result("b"), result("a", lost=2), result("a", status=None)])
    head, _, first, second, last = cells(text)
    named = [dict(zip(head, row, strict=True)) for row in (first, second, last)]
    assert [row["fault"] for row in named] == ["a", "b", "all"]
    assert [row["trials"] for row in named] == ["2", "1", "3"]
    assert [row["lost"] for row in named] == ["2", "0", "2"]
    assert [row["not ended"] for row in named] == ["1", "0", "1"]


def test_a_command_that_did_not_end_counts_even_if_the_next_one_did() -> None:
    one = result("a") | {"statuses": [None, 0]}
    head, _, row, _ = cells(report.trials([one]))
    assert dict(zip(head, row, strict=True))["not ended"] == "1"


def test_a_trial_that_could_not_be_run_counts() -> None:
    text = report.trials([{"kind": "a", "database": "SQLite", "number": 0, "faults": ["error"]}])
    head, _, row, _ = cells(text)
    assert dict(zip(head, row, strict=True))["with a fault"] == "1"
    assert dict(zip(head, row, strict=True))["not ended"] == "1"


def test_rows_of_any_fields() -> None:
    text = report.rows([{"jobs": 5, "faults": []}, {"jobs": 12, "faults": []}])
    assert cells(text) == [["jobs"], ["----"], ["5"], ["12"]]

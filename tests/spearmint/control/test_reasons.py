from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spearmint.config import parse
from spearmint.control import reasons

OUTPUT = Path("/e/output/00000003.out")
ONE = {
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "main-file": "f.py",
    "experiment-name": "e",
    "database": {"address": "sqlite:db.sqlite"},
}


@pytest.mark.parametrize(
    ("count", "limits", "text"),
    [
        (1, {"max-finished-jobs": 1}, "done: the requested job is finished"),
        (3, {"max-finished-jobs": 3}, "done: all 3 requested jobs are finished"),
        (2, {"max-finished-jobs": 1}, "done: 2 jobs are finished, 1 requested"),
        (
            4,
            {"resources": {name: {"max-finished-jobs": 1} for name in "abc"}},
            "done: 4 jobs are finished, 3 requested",
        ),
    ],
)
def test_finished(count: int, limits: dict[str, Any], text: str, tmp_path: Path) -> None:
    config = parse(ONE | limits, folder=tmp_path, files=False, environ={})
    assert reasons.finished(count, config) == text


def test_evaluated_in_full() -> None:
    assert reasons.evaluated_in_full(1) == "done: 1 job was evaluated in full, as requested"
    assert reasons.evaluated_in_full(2) == "done: 2 jobs were evaluated in full, as requested"


def test_no_job_can_succeed() -> None:
    assert reasons.cannot_succeed({"id": 3, "reason": "no\nCPU"}, OUTPUT).splitlines() == [
        "no job of this experiment can succeed: no CPU",
        f"  the output of job 3: {OUTPUT}",
        "  correct the cause, then start again",
    ]


BROKEN = {"status": "broken", "reason": "x"}
OVER = {"status": "complete", "reason": "too long", "limit": "job-timeout"}


@pytest.mark.parametrize(
    ("jobs", "first", "last"),
    [
        (
            [BROKEN] * 5,
            "5 jobs in a row broke, all because of: x",
            "correct the cause, then continue with --retry_broken, or without to leave them out",
        ),
        (
            [OVER] * 2,
            "2 jobs in a row ended without a result, all because of: too long",
            "raise job-timeout, then continue",
        ),
        (
            [BROKEN, OVER],
            "2 jobs in a row ended without a result, the last one because of: too long",
            "correct the cause or raise job-timeout, then continue with --retry_broken, or without "
            "to leave them out",
        ),
    ],
)
def test_failures_in_a_row(jobs: list[dict[str, Any]], first: str, last: str) -> None:
    text = reasons.failed_in_a_row(jobs, OUTPUT)
    assert text.splitlines() == [first, f"  the output of the last one: {OUTPUT}", f"  {last}"]

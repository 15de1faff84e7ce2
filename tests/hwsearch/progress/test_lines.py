"""The line about a job: what it shows of each fate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Outcome
from hwsearch.progress import lines
from hwsearch.report.result import Result
from tests.hwsearch.progress.conftest import SETTINGS, Jobs


@pytest.mark.parametrize(
    ("job", "best", "line"),
    [
        (
            {"error": 2.8, "runtime": 9.4e-6, "auc": 0.95},
            True,
            "job 7: error 2.8 ± 0.4 %, runtime 9.40 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: best so far",
        ),
        (
            {"error": 2.8, "runtime": 9.56e-6, "auc": 0.95},
            False,
            "job 7: error 2.8 ± 0.4 %, runtime 9.56 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: runtime is within the uncertainty of the budget",
        ),
        (
            {"runtime": 1.21e-5, "outcome": Outcome.REJECTED},
            False,
            "job 7: runtime 12.10 ± 0.05 of 9.6 µs/image: over the budget, not trained",
        ),
        (
            {"runtime": 1.21e-5, "outcome": Outcome.REJECTED, "as_job": 3},
            False,
            "job 7: runtime 12.10 ± 0.05 of 9.6 µs/image: over the budget, costs as job 3, "
            "not trained",
        ),
        (
            {"error": 2.8, "runtime": 9.4e-6, "auc": 0.95, "as_job": 3},
            False,
            "job 7: error 2.8 ± 0.4 %, runtime 9.40 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: costs as job 3",
        ),
        (
            {"error": 2.8, "runtime": 9e-6, "auc": 0.5},
            False,
            "job 7: error 2.8 ± 0.4 %, runtime 9.00 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.5, at least 0.9: below what is required",
        ),
        (
            {"runtime": 9e-6, "outcome": Outcome.DIVERGED, "reason": "training diverged: NaN"},
            False,
            "job 7: runtime 9.00 ± 0.05 of 9.6 µs/image: training diverged: NaN",
        ),
        (
            {
                "error": 9.0,
                "runtime": 9e-6,
                "auc": 0.95,
                "outcome": Outcome.STOPPED,
                "reason": "training was ended after 5 s",
            },
            False,
            "job 7: error 9.0 ± 0.4 %, runtime 9.00 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: stopped early: training was ended after 5 s",
        ),
        (
            {"error": 9.0, "runtime": 9e-6, "auc": 0.95, "outcome": Outcome.STOPPED},
            False,
            "job 7: error 9.0 ± 0.4 %, runtime 9.00 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: stopped early by the script",
        ),
        (
            {"error": 9.0, "auc": 0.95, "predicted": 8.2e-6},
            False,
            "job 7: error 9.0 ± 0.4 %, val_auc 0.95, at least 0.9: runtime not measured "
            "(predicted 8.2 ± 0.4 µs/image)",
        ),
        (
            {"error": 2.8, "runtime": 1.21e-5, "auc": 0.95, "predicted": 8.2e-6},
            False,
            "job 7: error 2.8 ± 0.4 %, runtime 12.10 ± 0.05 of 9.6 µs/image, "
            "val_auc 0.95, at least 0.9: over the budget, trained before it was measured",
        ),
        (
            {"status": "broken", "values": None, "measurements": None, "reason": "ValueError:\n x"},
            False,
            "job 7: broken: ValueError: x",
        ),
    ],
)
def test_what_became_of_a_job(jobs: Jobs, job: dict, best: bool, line: str) -> None:
    result = Result.of(jobs.add(7, **job), SETTINGS)
    assert lines.finished(result, SETTINGS, best=best) == line


def test_without_a_budget(jobs: Jobs) -> None:
    settings = Settings("run", "error")
    result = Result.of(jobs.add(1, error=2.8), settings)
    assert lines.finished(result, settings, best=False) == "job 1: error 2.8 ± 0.4 %"


@pytest.mark.parametrize(
    ("probability", "end"),
    [
        (0.934, "meets the budget with a probability of 0.93"),
        (1e-9, "no network is likely to meet the budget"),
    ],
)
def test_what_is_expected(search, expected_event, probability: float, end: str) -> None:
    text = lines.expected(search.expect(expected_event(probability)), SETTINGS)
    assert text == (
        "expected best: error 2.5 ± 0.3 %, runtime 9.5 ± 0.2 of 9.6 µs/image, "
        f"val_auc 0.91 ± 0.02, at least 0.9: {end}"
    )


def test_no_expected_value_is_outside_of_the_metrics_range(search, expected_event) -> None:
    expected = search.expect(expected_event(0.9))
    values = {"error": -0.1, "val_auc": 1.2}
    text = lines.expected(replace(expected, values=values, spread={}), SETTINGS)
    assert text.startswith("expected best: error 0 %, val_auc 1, at least 0.9: ")


def test_no_text_can_forge_a_line(jobs: Jobs) -> None:
    odd = "x\x1b[31m\njob 9: best"
    result = Result.of(jobs.add(7, status="broken", reason=odd), SETTINGS)
    assert lines.finished(result, SETTINGS, best=False).isprintable()
    assert [line.isprintable() for line in lines.hyperparameters({odd: odd})] == [True]

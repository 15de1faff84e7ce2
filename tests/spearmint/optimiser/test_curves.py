from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spearmint.optimiser.curves import (
    Curve,
    CurveModel,
    Forecast,
    curve_of,
    forecasts,
    next_share,
    segments_left,
    shares,
)

EPOCHS = 64


def exponential(rng: np.random.Generator, until: int = EPOCHS) -> Curve:
    """A training whose error falls from 1 to a limit, with noise; finished at EPOCHS."""
    limit, rate = rng.uniform(0.05, 0.5), rng.uniform(0.03, 0.3)
    epochs = np.arange(1, until + 1)
    values = limit + (1 - limit) * np.exp(-rate * epochs) + rng.normal(0, 0.005, until)
    points = np.column_stack([epochs / EPOCHS, values])
    return Curve(points, float(values[-1]) if until == EPOCHS else None)


def cut(curve: Curve, until: int) -> Curve:
    return Curve(curve.points[:until])


def test_shares_double() -> None:
    assert shares(4) == [0.125, 0.25, 0.5, 1.0]
    assert next_share(0.0, 4) == 0.125
    assert next_share(0.25, 4) == 0.5
    assert next_share(0.3, 4) == 0.5
    assert next_share(1.0, 4) == 1.0


@pytest.mark.parametrize(("done", "left"), [(1 / 128, 7), (0.01, 7), (0.25, 2), (0.3, 2), (1.0, 0)])
def test_segments_that_are_left(done: float, left: int) -> None:
    assert segments_left(done) == left
    progress = done
    for _ in range(left):
        progress = next_share(progress, 8)
    assert progress == 1.0


def test_value_after_a_share() -> None:
    curve = Curve.of([[0.5, 2.0], [0.25, 3.0]])
    np.testing.assert_equal(curve.at(np.array([0.25, 0.5, 1.0])), [3.0, 2.0, np.nan])
    finished = Curve.of([[0.5, 2.0]], 1.0)
    np.testing.assert_equal(finished.at(np.array([0.5, 1.0])), [2.0, 1.0])
    np.testing.assert_equal(Curve.of(None).at(np.array([0.5])), [np.nan])
    three = Curve.of([[1 / 3, 5.0], [2 / 3, 4.0]])  # three epochs: the nearest one counts
    np.testing.assert_equal(three.at(np.array(shares(3))), [5.0, 4.0, np.nan])


def test_forecasts_of_new_curves_are_calibrated() -> None:
    rng = np.random.default_rng(0)
    known = [exponential(rng) for _ in range(8)] + [exponential(rng, 8) for _ in range(20)]
    model = CurveModel(known, 7)
    for until in (2, 8, 32):
        inside, errors = [], []
        for _ in range(200):
            whole = exponential(rng)
            [found] = model.forecasts([cut(whole, until)])
            assert found is not None
            assert whole.final is not None
            assert found.low <= found.value <= found.high
            inside.append(found.low <= whole.final <= found.high)
            errors.append(abs(found.value - whole.final))
        assert 0.5 < np.mean(inside) < 0.97, until  # 68 % if the model were true
        last = [abs(cut(c, until).points[-1, 1] - c.points[-1, 1]) for c in known[:8]]
        assert np.mean(errors) < np.mean(last) + 0.02, "no worse than the last value"


def test_one_curve_alone_has_an_uncertain_forecast() -> None:
    [found] = forecasts([{"id": 3, "status": "paused", "curve": [[0.1, 5.0]]}], "e", 8).values()
    assert isinstance(found, Forecast)
    assert found.low < found.value < found.high
    assert forecasts([], "e", 8) == {}


@given(st.lists(st.lists(st.floats(allow_nan=True), min_size=1, max_size=4), max_size=6))
@example([[0.0, 1.0, 5e-324]])
def test_any_values_have_ordered_forecasts_or_none(values: list[list[float]]) -> None:
    jobs = [
        {
            "id": i,
            "status": "paused",
            "curve": [[share, v] for share, v in zip(shares(5), row, strict=False)],
        }
        for i, row in enumerate(values, start=1)
    ]
    found = forecasts(jobs, "e", 5)
    for job_id, row in enumerate(values, start=1):
        if not np.isfinite(row[-1]):
            assert job_id not in found, "it has diverged"
        elif job_id in found:
            assert found[job_id].low <= found[job_id].value <= found[job_id].high


@pytest.mark.parametrize(
    ("status", "values", "final"),
    [
        ("paused", {"power": 3.0}, None),
        ("pending", None, None),
        ("complete", {"e": 2.5, "power": 3.0}, 2.5),
    ],
)
def test_curve_of_a_job(status: str, values: object, final: float | None) -> None:
    job = {"id": 1, "status": status, "curve": [[0.5, 4.0]], "values": values}
    found = curve_of(job, "e")
    assert found is not None
    assert found.final == final


def test_failed_jobs_have_no_curve() -> None:
    assert curve_of({"status": "broken", "curve": [[0.5, 4.0]]}, "e") is None
    assert curve_of({"status": "new"}, "e") is None
    over = {"status": "complete", "curve": [[0.5, 4.0]], "values": {"e": float("nan")}}
    assert curve_of(over, "e") is None

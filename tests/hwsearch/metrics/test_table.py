"""The table of metrics."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.metrics import METRICS, is_metric, metric


def test_the_contracts_names_are_there() -> None:
    names = {"error", "power", "energy", "runtime", "memory", "params", "macs"}
    assert names <= set(METRICS)
    assert {name for name in METRICS if METRICS[name].needs_device} == {
        "power",
        "energy",
        "runtime",
        "memory",
    }


def test_the_error_for_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(UserError, match="metric: got 'watts'; expected one of error, power"):
        metric("watts")


def test_what_is_unknown_before_training() -> None:
    after = {name for name, entry in METRICS.items() if entry.after_training}
    assert after == {"error", "training_time", "training_memory"}
    assert metric("val_loss").after_training


def test_a_metric_that_the_model_reports_may_have_any_value() -> None:
    found = metric("val_r2_score")
    assert (found.name, found.unit, found.signed, found.needs_device) == (
        "val_r2_score",
        "",
        True,
        False,
    )
    assert found.is_quality
    assert metric("error").is_quality
    assert not metric("training_time").is_quality


@pytest.mark.parametrize("name", ["val_", "accuracy", "val_a b", "val_a,b", "val_\n", "", 3, None])
def test_what_is_no_metric(name: object) -> None:
    assert not is_metric(name)

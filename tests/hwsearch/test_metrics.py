"""The table of metrics."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.metrics import METRICS, metric


def test_the_contracts_names_are_there() -> None:
    names = {"error", "power", "energy", "runtime", "memory", "params", "macs"}
    assert set(METRICS) == names
    assert {name for name in METRICS if METRICS[name].needs_device} == {
        "power",
        "energy",
        "runtime",
        "memory",
    }


def test_the_error_for_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(UserError, match="metric: got 'watts'; expected one of error, power"):
        metric("watts")

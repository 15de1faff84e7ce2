"""The table of metrics."""

import math

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


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("error", 12.3456, "12.35 %"),
        ("power", 85.0, "85.00 W"),
        ("runtime", 1.23456e-5, "1.235e-05 s/image"),
        ("params", 1234567, "1,234,567 parameters"),
        ("memory", None, "not known"),
        ("error", math.nan, "not known"),
    ],
)
def test_values_are_printed_with_their_unit(name: str, value: float, text: str) -> None:
    assert metric(name).text(value) == text


def test_an_unknown_name_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(UserError, match="metric: got 'watts'; expected one of error, power"):
        metric("watts")

"""Values with units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.metrics import METRICS, units


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("runtime", "5ms", 0.005),
        ("runtime", "20 µs", 20e-6),
        ("runtime", "20us/image", 20e-6),
        ("runtime", "1e-7", 1e-7),
        ("memory", "8MiB", 8 / 1024),
        ("memory", "8G", 8.0),
        ("memory", "1GB", 1e9 / 2**30),
        ("memory", "1073741824B", 1.0),
        ("power", "85W", 85.0),
        ("power", "1000.0", 1000.0),
        ("power", "850mW", 0.85),
        ("energy", "2.5mJ", 0.0025),
        ("energy", "2.5 mJ/image", 0.0025),
        ("params", "3k", 3000.0),
        ("params", "1.5M", 1_500_000.0),
        ("macs", "2G", 2e9),
        ("error", "5", 5.0),
        ("training_time", "90s", 90.0),
        ("training_time", "1.5h", 5400.0),
        ("training_memory", "12GiB", 12.0),
        ("val_loss", "-0.5", -0.5),
    ],
)
def test_values(name: str, text: str, value: float) -> None:
    assert units.read(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("power", "5ms"),
        ("power", "85w"),
        ("power", "85W/image"),
        ("runtime", "5W"),
        ("runtime", "5 m s"),
        ("runtime", "5ms/imag"),
        ("params", "3m"),
        ("error", "5%"),
        ("val_loss", "5s"),
        ("power", ""),
        ("power", "W"),
        ("power", "nan"),
        ("macs", "1e300T"),
        ("power", "1e307kW"),
        ("power", "1_0"),
        ("power", "\u0663"),
    ],
)
def test_texts_that_are_not_values(name: str, text: str) -> None:
    assert units.read(name, text) is None


@given(st.sampled_from(sorted(METRICS)), st.text() | st.from_regex(r"[0-9.]+ ?\w+/?\w*"))
def test_any_text_is_a_number_or_not(name: str, text: str) -> None:
    assert units.read(name, text) is None or isinstance(units.read(name, text), float)


def test_every_metric_has_units_for_messages() -> None:
    assert units.expected("power") == " (in W, or with W, mW or kW)"
    assert units.expected("error") == " (in %)"
    assert units.expected("val_loss") == ""
    assert all(units.expected(name) for name in METRICS)

from __future__ import annotations

from typing import Any

from spearmint.control.point_table import shown, table


def test_values_are_short_and_exact_enough() -> None:
    assert shown(0.1 + 0.2) == "0.3"
    assert shown(1e-7) == "1e-07"
    assert shown(float("nan")) == "nan"
    assert shown(12) == "12"
    assert shown("x" * 50) == "x" * 37 + "..."
    assert shown("a\nb\x1b[31m") == r"a\nb\x1b[31m"


def test_table_has_one_row_per_element_and_one_column_per_point() -> None:
    act: dict[str, Any] = {"type": "enum", "values": ["a longer one"]}
    one = {"x": {"type": "float", "values": [0.25, 2.0]}, "act": {**act, "values": ["relu"]}}
    other = {"x": {"type": "float", "values": [10.0, 2.0]}, "act": act, "n": {**act, "values": [1]}}
    assert table([("job 1", one), ("best", other)]).splitlines() == [
        "  name  type   job 1          best",
        "  x[0]  float   0.25            10",
        "  x[1]  float      2             2",
        "  act   enum    relu  a longer one",
        "  n     enum       -             1",
    ]


def test_names_and_what_does_not_matter() -> None:
    assert shown({"name": "keras.layers.ReLU"}) == "keras.layers.ReLU"
    assert shown([64, None]) == "[64, None]"
    units: dict[str, Any] = {"type": "int", "values": [8]}
    idle = {**units, "active": False}
    columns = [("a", {"n": units, "m": idle, "k": idle}), ("b", {"n": idle, "m": idle, "k": units})]
    assert table(columns).splitlines() == [
        "  name  type  a  b",
        "  n     int   8  -",
        "  k     int   -  8",
    ]

"""Values and names as other tools take them."""

from __future__ import annotations

from hwsearch.report.bridges.plain_values import as_key, epochs_of, known_values, plain_value
from tests.bridges.with_tools import jobs, table


def test_plain_values() -> None:
    assert plain_value([3, {"name": "keras.layers.ReLU"}, "a"]) == "[3, keras.layers.ReLU, 'a']"
    assert [plain_value(value) for value in (None, True, 3, 0.5, "a")] == [None, True, 3, 0.5, "a"]


def test_keys() -> None:
    assert as_key('odd ü/a (b)\n"') == "odd ü/a _b__n_"


def test_values_have_their_units() -> None:
    made = table(jobs())
    assert known_values(made.rows[2], made.columns) == {
        "power (W)": 170.0,
        "power standard error (W)": 0.5,
    }


def test_epochs_have_finite_numbers_only() -> None:
    assert epochs_of(table(jobs()).rows[0]) == [{"val_auc": 0.375, "loss": 0.5}, {"val_auc": 0.75}]

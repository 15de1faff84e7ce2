from __future__ import annotations

import json
import math
from dataclasses import asdict

import pytest

from hwsearch.measurements.fold import Fold, mean_history, spread, std_error

FOLDS = [Fold(metrics={"error": value}) for value in (1.0, 2.0, 6.0)]


def test_mean_and_standard_error_of_known_values():
    assert spread(FOLDS, "error") == pytest.approx(math.sqrt(7))
    assert std_error(FOLDS, "error") == pytest.approx(math.sqrt(7 / 3))


@pytest.mark.parametrize("folds", [[], FOLDS[:1], [*FOLDS, Fold()]])
def test_a_spread_that_is_unknown(folds):
    assert math.isnan(std_error(folds, "error"))


def test_the_mean_history_is_as_long_as_the_longest_fold():
    folds = [Fold(history={"loss": (4.0, 2.0)}), Fold(history={"loss": (2.0,)})]
    assert mean_history(folds) == {"loss": [3.0, 2.0]}


def test_a_fold_is_read_as_it_was_written():
    fold = Fold(3, 2, 40, {"error": 1.5}, {"loss": (1.0, 0.5, 0.25)}, 2.5)
    assert Fold.from_json(json.loads(json.dumps(asdict(fold)))) == fold
    assert Fold.from_json(3) is None

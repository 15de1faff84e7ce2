"""Training on the validation set too."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network.datasets.held_out import Batches, HeldOut
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.all_data import with_validation_set
from hwsearch.network.network import Network
from hwsearch.network.plan import TrainingPlan
from tests.hwsearch.network.loadable import rendered

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6)
ONES = np.ones(6)


def test_arrays_are_joined_in_their_order():
    given = {"x": X[:4], "y": Y[:4], "epochs": 3, "validation_data": (X[4:], Y[4:])}
    plan = with_validation_set(TrainingPlan(None, given), HeldOut(X[4:], Y[4:]))
    assert set(plan.arguments) == {"x", "y", "epochs"}
    np.testing.assert_array_equal(plan.get("x"), X)
    np.testing.assert_array_equal(plan.get("y"), Y)


def test_several_inputs_and_weights():
    given = {"x": {"a": X[:4], "b": Y[:4]}, "y": [Y[:4]], "sample_weight": ONES[:4]}
    held = HeldOut({"a": X[4:], "b": Y[4:]}, [Y[4:]], 2 * ONES[4:])
    plan = with_validation_set(TrainingPlan(None, given), held)
    np.testing.assert_array_equal(plan.get("x")["a"], X)
    np.testing.assert_array_equal(plan.get("x")["b"], Y)
    np.testing.assert_array_equal(plan.get("y")[0], Y)
    assert plan.get("sample_weight").tolist() == [1, 1, 1, 1, 2, 2]


def test_what_fit_holds_out_itself_comes_back():
    given = {"x": X, "y": Y, "validation_split": 0.5, "validation_freq": 2}
    plan = with_validation_set(TrainingPlan(None, given), HeldOut(X[3:], Y[3:]))
    assert plan.arguments == {"x": X, "y": Y}


@pytest.mark.parametrize(
    ("given", "held", "said"),
    [
        ({"x": Batches([(X, Y)])}, HeldOut(X, Y), "fit gets .*Batches; expected arrays"),
        ({"x": X, "y": Y}, HeldOut(X, Y, ONES), "only one of .* has weights"),
        ({"x": X, "y": Y}, HeldOut(X[:, :1], Y), ".* do not fit together: "),
    ],
)
def test_what_cannot_be_joined(given, held, said):
    with pytest.raises(NetworkError, match=f"^--all_data: {said}"):
        with_validation_set(TrainingPlan(None, given), held)


def test_a_script_that_trains_in_its_own_way_is_refused(tmp_path):
    path = rendered(tmp_path)
    path.write_text(path.read_text() + "model.fit(x, y)\n")
    with pytest.raises(NetworkError, match="--all_data: the script trains by itself, in several"):
        Network.from_script(path, seed=1).use_all_data()

"""Variables of callbacks, losses and the script."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from hwsearch.keras_runtime import keras
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.own_variables import OwnVariables, is_made_again, losses_of


class Owner:
    """A callback of a script."""

    def __init__(self, model: Any) -> None:
        self.layer = model.layers[0]  # the model's own
        self.kept = keras.Variable([1.0, 2.0])
        self.parts = {"mean": keras.metrics.Mean(), "raw": [tf.Variable(3.0)]}
        self.still = keras.Variable(5.0)


@pytest.fixture(scope="module")
def model() -> Any:
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made.compile(loss=[keras.losses.MeanSquaredError()], optimizer="adam")
    return made


def test_changed_values_go_to_another_object(model: Any) -> None:
    one, other = Owner(model), Owner(model)
    observed = OwnVariables(one, model)
    assert observed.changed() == {}
    one.kept.assign([7.0, 8.0])
    one.parts["raw"][0].assign(9.0)
    model.layers[0].bias.assign([1.0])
    changed = observed.changed()
    assert set(changed) == {"kept", "parts"}

    new = OwnVariables(other, model)
    assert new.fits(changed)
    new.restore(changed)
    assert other.kept.numpy().tolist() == [7.0, 8.0]
    assert float(other.parts["raw"][0]) == 9.0
    other.kept = keras.Variable([1.0, 2.0, 3.0])
    assert not new.fits(changed)


def test_variables_of_the_training_are_named(model: Any) -> None:
    one = Owner(model)
    observed = OwnVariables(one, model)
    one.late = keras.Variable(1.0)  # type: ignore[attr-defined]
    with pytest.raises(CannotPauseError, match=r"^Owner\.late gets its variables during the train"):
        observed.changed()


def test_what_a_script_makes_again() -> None:
    assert is_made_again([keras.layers.Dense(1), {"a": keras.random.SeedGenerator(1)}])
    assert not is_made_again([keras.layers.Dense(1), 2])
    assert not is_made_again([])
    circle: list[Any] = []
    circle.append(circle)
    assert not is_made_again(circle)


def test_losses_are_found_in_what_a_model_is_compiled_with(model: Any) -> None:
    [loss] = losses_of(model)
    assert isinstance(loss, keras.losses.MeanSquaredError)

"""What a call of `fit` asks for."""

from __future__ import annotations

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.plan import TrainingPlan


def plan(*args, **kwargs):
    return TrainingPlan.of_call(keras.Model.fit, None, args, kwargs, "net.py:3")


def test_arguments_by_position_have_their_names():
    made = plan("x", "y", 16, epochs=3)
    assert made.arguments == {"x": "x", "y": "y", "batch_size": 16, "epochs": 3}
    assert (made.batch_size, made.place, made.callbacks) == (16, "net.py:3", [])
    with pytest.raises(TypeError, match="rounds"):
        plan("x", rounds=3)


def test_none_is_the_default():
    made = plan("x", batch_size=None, validation_split=None)
    assert (made.batch_size, made.validation_split, made.get("y", 7)) == (32, 0.0, 7)


def test_validation_data_come_before_a_split():
    assert plan("x", validation_split=0.25).validation_split == 0.25
    assert plan("x", validation_split=0.25, validation_data=("x", "y")).validation_split == 0.0


@pytest.mark.parametrize(
    ("given", "asked", "epochs"),
    [({}, None, 1), ({"epochs": 5}, None, 5), ({"epochs": 5}, 2, 2),
     ({"epochs": 5, "initial_epoch": 3}, None, 2), ({"epochs": 2, "initial_epoch": 3}, None, 0)],
)  # fmt: skip
def test_epochs_to_train(given, asked, epochs):
    assert plan("x", **given).epochs(asked) == epochs


def test_callbacks_in_every_form():
    one, other = keras.callbacks.TerminateOnNaN(), keras.callbacks.Callback()
    assert plan("x", callbacks=one).callbacks == [one]
    assert plan("x", callbacks=(one, other)).callbacks == [one, other]
    assert one in plan("x", callbacks=keras.callbacks.CallbackList([one])).callbacks

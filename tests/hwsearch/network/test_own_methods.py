"""Methods that a class of a script has of its own."""

from __future__ import annotations

from hwsearch.keras_runtime import keras
from hwsearch.network.own_methods import are_of_keras


class Own(keras.Model):
    def train_step(self, data):
        return {}


def test_a_method_of_a_subclass_is_its_own():
    assert are_of_keras(keras.Model(), "train_step", "test_step")
    assert are_of_keras(Own(), "test_step")
    assert not are_of_keras(Own(), "train_step")
    assert not are_of_keras(Own(), "test_step", "train_step")

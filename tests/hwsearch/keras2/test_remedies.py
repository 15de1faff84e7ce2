from __future__ import annotations

import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: keras.layers.Conv2D(4, 3, border_mode="same"), "padding="),
        (lambda: keras.layers.Conv2D(4, 3, subsample=2), "strides="),
        (lambda: keras.layers.Dense(4, init="uniform"), "kernel_initializer="),
    ],
)
def test_remedies_for_arguments_that_cannot_work(make, hint):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert hint in keras2.remedy(str(caught.value))


def test_no_remedy_for_other_messages():
    assert keras2.remedy("bias is wrong: 'units'") == ""


def test_model_of_keras_1():
    image = keras.Input((3,))
    with pytest.raises(ValueError, match="Unrecognized") as caught:
        keras.Model(input=image, output=keras.layers.Dense(2)(image))
    assert keras2.remedy(str(caught.value)).endswith("keras.Model(inputs=..., outputs=...)")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("from keras.layers import CuDNNLSTM", "keras.layers.LSTM"),
        ("keras.Sequential().predict_classes(1)", "argmax"),
        ("from keras.wrappers.scikit_learn import KerasClassifier", "SKLearnClassifier"),
        ("keras.backend.set_session(1)", "leave it out"),
    ],
)
def test_other_names_that_cannot_work(text, hint):
    with pytest.raises((ImportError, AttributeError, TypeError, ValueError)) as caught:
        exec(text, {"keras": keras})
    assert hint in keras2.remedy(str(caught.value))

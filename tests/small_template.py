"""A template whose networks are trained in no time."""

from __future__ import annotations

#: A network has 7 parameters per unit, and 2.
TEMPLATE = """
import keras
import numpy as np

units = HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 40}
generator = np.random.default_rng(0)
x_train = generator.normal(size=(64, 4)).astype("float32")
y_train = (x_train.sum(1) > 0).astype("int32")
x_test, y_test = x_train[:16], y_train[:16]
batch_size = 16
model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(2, "softmax")]
)
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""

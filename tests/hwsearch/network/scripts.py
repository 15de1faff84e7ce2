"""What the scripts of these tests begin with."""

from __future__ import annotations

BEFORE = """
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(96, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)

def make():
    parts = [keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(3, "softmax")]
    model = keras.Sequential(parts)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], run_eagerly=True)
    return model
"""
MODEL = "model = make()\n"


def train(network, epochs=None, **options):
    return network.train(epochs, 0, say=lambda _: None, **options)


#: A script that defines names and trains nothing.
OF_NAMES = """
import keras
import numpy as np

rng = np.random.default_rng(0)
x_train = rng.normal(size=(96, 4)).astype("float32")
y_train = (x_train[:, 0] > 0).astype(int) + (x_train[:, 1] > 0)
x_test, y_test = x_train[:32], y_train[:32]
batch_size = 16
rate = 0.1
model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
)
model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
"""

"""Layers of its own: a product of matrices, and a Lambda."""

import keras
import numpy as np
from keras import ops


class LowRank(keras.layers.Layer):
    def __init__(self, units, rank, **kwargs):
        super().__init__(**kwargs)
        self.units, self.rank = units, rank

    def build(self, shape):
        self.a = self.add_weight(shape=(shape[-1], self.rank), initializer="glorot_uniform")
        self.b = self.add_weight(shape=(self.rank, self.units), initializer="glorot_uniform")

    def call(self, x):
        return ops.matmul(ops.matmul(x, self.a), self.b)


rng = np.random.default_rng(0)
x = rng.normal(size=(800, 16)).astype("float32")
y = (x @ rng.normal(size=(16, 4))).argmax(1)
inputs = keras.Input((16,))
z = LowRank(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 40}, HYPERPARAM{"type": "INT", "token": "rank", "min": 1, "max": 8})(inputs)
z = keras.layers.Lambda(lambda t: ops.maximum(t, 0.1 * t))(z)
model = keras.Model(inputs, keras.layers.Dense(4, activation="softmax")(z))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:600], y[:600], epochs=4, validation_data=(x[600:], y[600:]))

"""A Python generator of batches, with steps per epoch."""

import keras
import numpy as np


def batches(seed):
    rng = np.random.default_rng(seed)
    while True:
        x = rng.normal(size=(50, 6)).astype("float32")
        yield x, (x[:, 0] * x[:, 1] + 0.2 * x[:, 2] > 0).astype("int32")


x_val, y_val = next(batches(99))
model = keras.Sequential(
    [
        keras.Input((6,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 48}, activation="relu"),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "more", "min": 4, "max": 24}, activation="relu"),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Nadam(0.005), "sparse_categorical_crossentropy", metrics=["acc"])
model.fit(batches(0), steps_per_epoch=20, epochs=3, validation_data=(x_val, y_val))

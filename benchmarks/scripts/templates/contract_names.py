"""The form of HyperPower's first release: names, and no call of fit."""

import keras
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x / 16
x_train, y_train, x_test, y_test = x[:1400], y[:1400], x[1400:], y[1400:]
batch_size = HYPERPARAM{"type": "INT", "token": "batch", "transform": "LOG2", "min": 4, "max": 6}
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "transform": "X4", "min": 2, "max": 16}, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

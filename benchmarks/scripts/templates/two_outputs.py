"""Two heads with losses of their own: the digit, and how much ink it has."""

import keras
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
x = digits.images[..., None].astype("float32") / 16
ink = x.mean((1, 2, 3))
inputs = keras.Input((8, 8, 1))
trunk = layers.Conv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 16}, 3, activation="relu")(inputs)
trunk = layers.Flatten()(trunk)
trunk = layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 48}, activation="relu")(trunk)
model = keras.Model(
    inputs,
    {
        "digit": layers.Dense(10, activation="softmax", name="digit")(trunk),
        "ink": layers.Dense(1, name="ink")(trunk),
    },
)
model.compile(
    "adam",
    loss={"digit": "sparse_categorical_crossentropy", "ink": "mse"},
    loss_weights={"digit": 1.0, "ink": HYPERPARAM{"type": "FLOAT", "token": "ink_weight", "min": 0.1, "max": 5}},
    metrics={"digit": ["accuracy"], "ink": ["mae"]},
)
model.fit(x, {"digit": digits.target, "ink": ink}, epochs=3, validation_split=0.2)

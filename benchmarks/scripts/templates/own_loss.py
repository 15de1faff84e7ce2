"""A loss function and a metric of its own."""

import keras
from keras import ops
from sklearn.datasets import load_diabetes


def pinball(y_true, y_pred):
    difference = ops.reshape(y_true, (-1, 1)) - y_pred
    return ops.mean(ops.maximum(QUANTILE * difference, (QUANTILE - 1) * difference), axis=-1)


def above(y_true, y_pred):
    return ops.mean(ops.cast(ops.reshape(y_true, (-1, 1)) < y_pred, "float32"))


QUANTILE = 0.8
x, y = load_diabetes(return_X_y=True)
y = ((y - y.mean()) / y.std()).astype("float32")
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 48}, activation="relu"),
        keras.layers.Dense(1),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 3}
model.compile(keras.optimizers.Adam(rate), loss=pinball, metrics=[above])
model.fit(x, y, epochs=6, validation_split=0.25, batch_size=32)

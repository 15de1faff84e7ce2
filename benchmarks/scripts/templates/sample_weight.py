"""A weight per sample, in training and in validation."""

import keras
import numpy as np
from sklearn.datasets import load_diabetes

x, y = load_diabetes(return_X_y=True)
y = (y - y.mean()) / y.std()
weight = np.where(y > 1, 2.0, 1.0)
cut = 330
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 32}, activation="relu"),
        keras.layers.Dense(1),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 3}
model.compile(keras.optimizers.Adam(rate), "mse", weighted_metrics=["mae"])
model.fit(
    x[:cut],
    y[:cut],
    sample_weight=weight[:cut],
    validation_data=(x[cut:], y[cut:], weight[cut:]),
    epochs=4,
)

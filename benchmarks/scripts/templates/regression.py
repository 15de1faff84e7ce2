"""Predicts a number."""

import keras
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

x, y = load_diabetes(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x, y, random_state=0)
normalizer = keras.layers.Normalization()
normalizer.adapt(x_train)
model = keras.Sequential(
    [
        normalizer,
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "first", "min": 8, "max": 64}, activation="relu"),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "second", "min": 4, "max": 32}, activation="relu"),
        keras.layers.Dense(1),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 3}
model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.Adam(rate), metrics=["mae", "mse"])
model.fit(x_train, y_train, validation_data=(x_val, y_val), verbose=0, epochs=10)

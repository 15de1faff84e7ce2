"""Several yes-or-no labels per sample."""

import keras
from sklearn.datasets import make_multilabel_classification

x, y = make_multilabel_classification(800, 20, n_classes=5, random_state=1)
x = x.astype("float32") / x.max()
model = keras.Sequential(
    [
        keras.Input((20,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, activation="relu"),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units_2", "min": 8, "max": 32}, activation="relu"),
        keras.layers.Dense(5, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["binary_accuracy"])
model.fit(x[:600], y[:600], epochs=5, validation_data=(x[600:], y[600:]))

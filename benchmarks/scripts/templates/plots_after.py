"""Uses the history and the predictions after the training: a table, a file, a report."""

import json

import keras
import numpy as np
from sklearn.datasets import load_iris
from sklearn.metrics import classification_report

x, y = load_iris(return_X_y=True)
order = np.random.default_rng(0).permutation(150)
x, y = x[order], y[order]
model = keras.Sequential(
    [
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 32}, activation="relu"),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units_2", "min": 4, "max": 32}, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(x[:110], y[:110], epochs=8, batch_size=10, validation_data=(x[110:], y[110:]), verbose=0)
for name, values in history.history.items():
    print(name, " ".join(f"{value:.3f}" for value in values))
with open("history.json", "w") as file:
    json.dump(history.history, file)
print(classification_report(y[110:], model.predict(x[110:]).argmax(1)))

"""Rare classes weigh more."""

import keras
import numpy as np
from sklearn.datasets import make_classification
from sklearn.utils.class_weight import compute_class_weight

x, y = make_classification(900, 12, n_informative=6, weights=[0.85], random_state=4)
x = x.astype("float32")
weights = compute_class_weight("balanced", classes=np.unique(y), y=y)
model = keras.Sequential(
    [
        keras.Input((12,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 48}, activation="relu"),
        keras.layers.Dropout(HYPERPARAM{"type": "FLOAT", "token": "dropout", "min": 0, "max": 0.6}),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
model.fit(
    x[:700],
    y[:700],
    epochs=4,
    validation_data=(x[700:], y[700:]),
    class_weight=dict(enumerate(weights)),
)

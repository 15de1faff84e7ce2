"""Two images, one shared network: is it the same digit?"""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

digits = load_digits()
x, y = (digits.data / 16).astype("float32"), digits.target
rng = np.random.default_rng(0)
left = rng.integers(0, len(x), 1500)
right = np.array([rng.choice(np.flatnonzero((y == y[n]) == (k % 2 == 0))) for k, n in enumerate(left)])
same = (y[left] == y[right]).astype("float32")
tower = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 48}, activation="relu"),
        layers.Dense(HYPERPARAM{"type": "INT", "token": "code", "min": 2, "max": 12}),
    ]
)
a, b = keras.Input((64,)), keras.Input((64,))
distance = layers.Lambda(lambda pair: ops.sum(ops.abs(pair[0] - pair[1]), -1, keepdims=True))([tower(a), tower(b)])
model = keras.Model([a, b], layers.Dense(1, activation="sigmoid")(distance))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(
    [x[left[:1200]], x[right[:1200]]],
    same[:1200],
    validation_data=([x[left[1200:]], x[right[1200:]]], same[1200:]),
    epochs=4,
)

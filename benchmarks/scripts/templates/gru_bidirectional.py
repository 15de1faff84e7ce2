"""Tokens, an embedding with masking and a bidirectional GRU."""

import keras
import numpy as np

rng = np.random.default_rng(1)
length = rng.integers(4, 12, 600)
tokens = np.where(np.arange(12) < length[:, None], rng.integers(1, 30, (600, 12)), 0)
labels = ((tokens == 7).sum(1) + (tokens == 11).sum(1) > 0).astype("float32")
model = keras.Sequential(
    [
        keras.Input((12,), dtype="int32"),
        keras.layers.Embedding(30, HYPERPARAM{"type": "INT", "token": "width", "min": 4, "max": 16}, mask_zero=True),
        keras.layers.Bidirectional(keras.layers.GRU(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 16})),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(tokens[:450], labels[:450], epochs=2, validation_data=(tokens[450:], labels[450:]))

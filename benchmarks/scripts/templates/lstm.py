"""A recurrent network that tells two kinds of sequences apart."""

import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(700, 15, 2)).astype("float32").cumsum(1)
y = (x[:, -1, 0] > x[:, -1, 1]).astype("int32")
model = keras.models.Sequential()
model.add(keras.Input((15, 2)))
for _ in range(HYPERPARAM{"type": "INT", "token": "stacked", "min": 0, "max": 1}):
    model.add(keras.layers.LSTM(8, return_sequences=True))
model.add(keras.layers.LSTM(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 24}, dropout=0.1))
model.add(keras.layers.Dense(2, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, batch_size=50, validation_split=0.2, shuffle=True)

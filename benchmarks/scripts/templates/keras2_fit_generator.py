"""fit_generator of Keras 2 on a generator of the script's own."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential

rng = np.random.RandomState(0)
data = rng.rand(600, 8)
target = (data.sum(1) > 4).astype(int)


def flow(first, last, size=30):
    while True:
        for start in range(first, last, size):
            yield data[start : start + size], target[start : start + size]


model = Sequential()
model.add(Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 32}, input_shape=(8,), activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit_generator(flow(0, 480), steps_per_epoch=16, epochs=3, validation_data=flow(480, 600), validation_steps=4)

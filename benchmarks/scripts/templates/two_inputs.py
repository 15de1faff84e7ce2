"""A dictionary of inputs: an image and numbers about it."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
images = digits.images[..., None].astype("float32") / 16
numbers = np.stack([images.sum((1, 2, 3)), images.std((1, 2, 3))], 1)
image, number = keras.Input((8, 8, 1), name="image"), keras.Input((2,), name="number")
z = layers.Conv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 12}, 3, activation="relu")(image)
z = layers.Concatenate()([layers.Flatten()(z), layers.Dense(4)(number)])
z = layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 32}, activation="relu")(z)
model = keras.Model([image, number], layers.Dense(10, activation="softmax")(z))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    {"image": images[:1400], "number": numbers[:1400]},
    digits.target[:1400],
    epochs=3,
    validation_data=({"image": images[1400:], "number": numbers[1400:]}, digits.target[1400:]),
)

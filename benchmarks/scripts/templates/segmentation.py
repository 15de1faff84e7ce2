"""A small U-Net: a class for each pixel."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
rows, columns = np.mgrid[:16, :16]
centre, radius = rng.uniform(4, 12, (300, 2, 1, 1)), rng.uniform(2, 5, (300, 1, 1))
masks = (np.hypot(rows - centre[:, 0], columns - centre[:, 1]) < radius).astype("int32")
images = (masks + rng.normal(0, 0.5, masks.shape)).astype("float32")[..., None]

width = HYPERPARAM{"type": "INT", "token": "width", "min": 2, "max": 8}
inputs = keras.Input((16, 16, 1))
first = layers.Conv2D(width, 3, padding="same", activation="relu")(inputs)
second = layers.MaxPooling2D()(first)
second = layers.Conv2D(2 * width, HYPERPARAM{"type": "ENUM", "token": "kernel", "options": [1, 3]}, padding="same", activation="relu")(second)
up = layers.Conv2DTranspose(width, 2, strides=2)(second)
merged = layers.Concatenate()([first, up])
outputs = layers.Conv2D(2, 1, activation="softmax")(merged)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(images[:220], masks[:220], epochs=2, batch_size=20, validation_data=(images[220:], masks[220:]))

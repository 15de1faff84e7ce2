"""Layers that change the images at random, inside the model."""

import keras
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
x, y = digits.images[..., None].astype("float32") / 16, digits.target
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomRotation(HYPERPARAM{"type": "FLOAT", "token": "rotation", "min": 0, "max": 0.1}),
        layers.GaussianNoise(0.05),
        layers.Conv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 16}, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1300], y[:1300], epochs=2, validation_data=(x[1300:], y[1300:]))

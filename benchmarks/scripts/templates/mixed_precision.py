"""Computes in 16 bits, keeps weights in 32."""

import keras
from sklearn.datasets import load_digits

keras.mixed_precision.set_global_policy("mixed_bfloat16")
digits = load_digits()
x, y = digits.images[..., None].astype("float32") / 16, digits.target
inputs = keras.Input((8, 8, 1))
z = keras.layers.Conv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 12}, 3, activation="relu")(inputs)
z = keras.layers.Flatten()(z)
z = keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 32}, activation="relu")(z)
outputs = keras.layers.Dense(10, activation="softmax", dtype="float32")(z)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=64, epochs=2, validation_split=0.2)

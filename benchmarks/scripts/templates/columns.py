"""Columns of a table as a dictionary: text and numbers, each prepared by a layer of the model."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

rng = np.random.default_rng(0)
age = rng.normal(40, 12, size=(600, 1)).astype("float32")
city = rng.choice(["oslo", "rome", "paris"], size=(600, 1)).astype(object)
bought = ((age[:, 0] > 40) ^ (city[:, 0] == "rome")).astype("float32")

lookup, scale = layers.StringLookup(), layers.Normalization()
lookup.adapt(city)
scale.adapt(age)
inputs = {"age": keras.Input((1,), name="age"), "city": keras.Input((1,), name="city", dtype="string")}
embedded = layers.Flatten()(layers.Embedding(5, 4)(lookup(inputs["city"])))
hidden = layers.Concatenate()([scale(inputs["age"]), embedded])
hidden = layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 32}, activation="relu")(hidden)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.001, "max": 0.1, "log": true}
model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
model.fit({"age": age, "city": tf.constant(city)}, bought, epochs=4, validation_split=0.25)

"""Two calls of fit: the head first, then everything at a lower rate."""

import keras
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
base = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu")], name="base")
head = keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 32}, activation="relu")
inputs = keras.Input((64,))
outputs = keras.layers.Dense(10, activation="softmax")(head(base(inputs)))
model = keras.Model(inputs, outputs)
data = (x[1300:], y[1300:])

base.trainable = False
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
first = model.fit(x[:1300], y[:1300], epochs=2, validation_data=data)

base.trainable = True
rate = HYPERPARAM{"type": "FLOAT", "token": "fine_rate", "transform": "NEGEXP10", "min": 2, "max": 4}
model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1300], y[:1300], epochs=4, initial_epoch=first.epoch[-1] + 1, validation_data=data)

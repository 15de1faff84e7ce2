"""A functional model with a skip connection and batch normalisation."""

import keras
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
x = digits.images[..., None].astype("float32")
y = digits.target
width = HYPERPARAM{"type": "ENUM", "token": "width", "options": [8, 12, 16]}

inputs = keras.Input((8, 8, 1))
z = layers.Rescaling(1 / 16)(inputs)
z = skip = layers.Conv2D(width, 3, padding="same")(z)
for _ in range(HYPERPARAM{"type": "INT", "token": "blocks", "min": 1, "max": 3}):
    z = layers.Conv2D(width, 3, padding="same", use_bias=False)(z)
    z = layers.BatchNormalization()(z)
    z = layers.ReLU()(z)
    z = skip = layers.Add()([z, skip])
z = layers.GlobalAveragePooling2D()(z)
outputs = layers.Dense(10, activation="softmax")(z)
model = keras.Model(inputs, outputs, name="residual")
model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1200], y[:1200], 64, 2, validation_data=(x[1200:], y[1200:]))

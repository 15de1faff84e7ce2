"""A subclassed model without get_config."""

import keras
from sklearn.datasets import load_digits


class Classifier(keras.Model):
    def __init__(self, filters, units):
        super().__init__()
        self.conv = keras.layers.Conv2D(filters, 3, activation="relu")
        self.pool = keras.layers.MaxPooling2D()
        self.flatten = keras.layers.Flatten()
        self.dense = keras.layers.Dense(units, activation="relu")
        self.dropout = keras.layers.Dropout(0.3)
        self.out = keras.layers.Dense(10)

    def call(self, x, training=False):
        x = self.flatten(self.pool(self.conv(x)))
        return self.out(self.dropout(self.dense(x), training=training))


digits = load_digits()
x, y = digits.images[..., None] / 16, digits.target
model = Classifier(
    HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 12},
    HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 48},
)
model.compile(
    "adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
model.fit(x[:1300], y[:1300], batch_size=32, epochs=2, validation_data=(x[1300:], y[1300:]))

"""Metric learning: three inputs share an embedding, and a layer adds the loss of triplets."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

digits = load_digits()
images, classes = (digits.data / 16).astype("float32"), digits.target
rng = np.random.default_rng(0)
anchor = rng.integers(0, len(images), 600)
same = np.array([rng.choice(np.flatnonzero(classes == classes[i])) for i in anchor])
other = np.array([rng.choice(np.flatnonzero(classes != classes[i])) for i in anchor])


@keras.saving.register_keras_serializable()
class TripletLoss(layers.Layer):
    def call(self, inputs):
        anchor, same, other = inputs
        near, far = ops.sum((anchor - same) ** 2, -1), ops.sum((anchor - other) ** 2, -1)
        self.add_loss(ops.mean(ops.maximum(near - far + 0.5, 0)))
        return anchor


width = HYPERPARAM{"type": "INT", "token": "width", "min": 16, "max": 64}
embed = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(width, activation="relu"),
        layers.Dense(HYPERPARAM{"type": "INT", "token": "dimensions", "min": 4, "max": 16}),
    ]
)
inputs = [keras.Input((64,), name=name) for name in ("anchor", "same", "other")]
model = keras.Model(inputs, TripletLoss()([embed(one) for one in inputs]))
model.compile(keras.optimizers.Adam(0.003))
model.fit([images[anchor], images[same], images[other]], epochs=3, validation_split=0.2)

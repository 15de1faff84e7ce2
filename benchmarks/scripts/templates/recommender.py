"""Embeddings of users and items, joined by a dot product."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
tastes, kinds = rng.normal(size=(40, 3)), rng.normal(size=(60, 3))
user, item = rng.integers(0, 40, 2000), rng.integers(0, 60, 2000)
rating = ((tastes[user] * kinds[item]).sum(1) + rng.normal(0, 0.2, 2000)).astype("float32")
width = HYPERPARAM{"type": "INT", "token": "width", "min": 2, "max": 16}
users, items = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
u = layers.Flatten()(layers.Embedding(40, width)(users))
i = layers.Flatten()(layers.Embedding(60, width)(items))
model = keras.Model([users, items], layers.Dot(axes=1)([u, i]))
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 3}
model.compile(keras.optimizers.Adam(rate), loss="mse", metrics=[keras.metrics.RootMeanSquaredError(name="rmse")])
model.fit(
    [user[:1500], item[:1500]],
    rating[:1500],
    epochs=3,
    batch_size=50,
    validation_data=([user[1500:], item[1500:]], rating[1500:]),
)

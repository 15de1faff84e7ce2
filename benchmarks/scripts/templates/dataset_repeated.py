"""An endless tf.data pipeline with steps per epoch."""

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(3)
x = rng.normal(size=(800, 10)).astype("float32")
y = (x[:, :3].sum(1) > x[:, 3:6].prod(1)).astype("float32")
BATCH = 40
train = tf.data.Dataset.from_tensor_slices((x[:600], y[:600])).shuffle(600, seed=0).repeat().batch(BATCH)
valid = tf.data.Dataset.from_tensor_slices((x[600:], y[600:])).repeat().batch(50)
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, "relu"),
        keras.layers.Dense(1, "sigmoid"),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1, "max": 4}
model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=4, steps_per_epoch=600 // BATCH, validation_data=valid, validation_steps=4)

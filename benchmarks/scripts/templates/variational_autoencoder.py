"""A variational autoencoder: the loss is added inside the model."""

import keras
from keras import layers, ops
from sklearn.datasets import load_digits

x = (load_digits().data / 16).astype("float32")


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, inputs):
        mean, log_variance = inputs
        divergence = -0.5 * ops.mean(ops.sum(1 + log_variance - mean**2 - ops.exp(log_variance), -1))
        self.add_loss(0.01 * divergence)
        return mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.seeds)


hidden = HYPERPARAM{"type": "INT", "token": "hidden", "min": 16, "max": 64}
size = HYPERPARAM{"type": "INT", "token": "size", "min": 2, "max": 8}
inputs = keras.Input((64,))
z = layers.Dense(hidden, activation="relu")(inputs)
code = Sampling()([layers.Dense(size)(z), layers.Dense(size)(z)])
outputs = layers.Dense(64, activation="sigmoid")(layers.Dense(hidden, activation="relu")(code))
vae = keras.Model(inputs, outputs)
vae.compile("adam", "mse")
vae.fit(x, x, epochs=2, batch_size=64, validation_split=0.2)

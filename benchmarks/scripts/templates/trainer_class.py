"""A project's class that builds and trains, with its settings in a data class."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine


@dataclass
class Config:
    units: int = HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}
    rate: float = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.0001, "max": 0.01, "log": true}


class Trainer:
    def __init__(self, config):
        self.config = config
        self.net = self.build()

    def build(self):
        net = keras.Sequential([keras.Input((13,)), layers.BatchNormalization()])
        net.add(layers.Dense(self.config.units, activation="gelu"))
        net.add(layers.Dense(3))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        net.compile(keras.optimizers.Lion(self.config.rate), loss, metrics=["accuracy"])
        return net

    def run(self):
        inputs, labels = load_wine(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(inputs))
        falling = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
        history = self.net.fit(
            inputs[order], labels[order], epochs=5, validation_split=0.3, callbacks=[falling]
        )
        return history.history


if __name__ == "__main__":
    print(Trainer(Config()).run())

"""What a model is run on first."""

from __future__ import annotations

import pytest

from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import train

TRIPLETS = """
import keras
import numpy as np
import tensorflow as tf

images = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")
triplets = tf.data.Dataset.from_tensor_slices((images, images + 0.1, -images)).batch(24)
x_test, y_test = images, images[:, 0] > 0
embedding = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])

class Siamese(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = embedding
        self.seen = keras.metrics.Mean(name="loss")

    def call(self, inputs):
        anchor, positive, negative = (self.embedding(one) for one in inputs)
        near = keras.ops.sum(keras.ops.square(anchor - positive), -1)
        return near, keras.ops.sum(keras.ops.square(anchor - negative), -1)

    def loss_of(self, data):
        near, far = self(data)
        return keras.ops.maximum(near - far + 0.5, 0.0)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self.loss_of(data)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return self.test_step(data)

    def test_step(self, data):
        self.seen.update_state(self.loss_of(data))
        return {"loss": self.seen.result()}

    @property
    def metrics(self):
        return [self.seen]

model = Siamese()
model.compile("adam")
model.fit(triplets, validation_data=triplets, epochs=2)
"""


def test_a_step_of_its_own_may_take_all_that_a_batch_contains(network_from):
    network = network_from(TRIPLETS, scored=False)
    assert [part.shape for part in network.inputs] == [(24, 4)] * 3
    assert network.output == [(), ()]
    assert network.notes == [], "the error that a test set is for is not asked for"
    result = train(network, monitor="val_loss")
    assert result.metrics["val_loss"] == network.validation.evaluated(network.model)["loss"]
    with pytest.raises(
        NetworkError, match=r"fails on the validation data \(shape \(n, 4\)\): .*evaluate"
    ):
        network_from(TRIPLETS.replace("inputs)\n", "inputs[:2])\n", 1), scored=False)

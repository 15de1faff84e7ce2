"""Which weights count: those that inference uses."""

from __future__ import annotations

import numpy as np

from hwsearch.counting import count
from hwsearch.keras_runtime import keras

layers, ops = keras.layers, keras.ops


class Distiller(keras.Model):
    """Trains a student with the help of a teacher."""

    def __init__(self):
        super().__init__()
        self.teacher = keras.Sequential([keras.Input((4,)), layers.Dense(100)], name="teacher")
        self.student = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="student")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(self.teacher(x)) - ops.mean(y_pred)

    def call(self, x):
        return self.student(x)


class Block(keras.layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.dense = layers.Dense(4)
        self.norm = layers.BatchNormalization()
        self.only_in_training = layers.Dense(7)

    def build(self, shape):
        self.dense.build(shape)
        self.norm.build(shape)
        self.only_in_training.build(shape)
        self.scale = self.add_weight(shape=(1,))

    def call(self, x, training=False):
        if training:
            x = x + ops.sum(self.only_in_training(x))
        return self.norm(self.dense(x)) * self.scale


class Tied(keras.Model):
    """Reads the weights of a layer that it does not call, and calls one inside another."""

    def __init__(self):
        super().__init__()
        self.scaled = layers.Normalization()
        self.embedding = layers.Embedding(6, 4)
        self.block = Block(name="block")
        self.embedding.build((None, 4))
        self.block.build((None, 4))
        self.spare = layers.Dense(5, name="spare")
        self.spare.build((None, 4))

    def call(self, x):
        return ops.matmul(
            self.block.dense(self.scaled(x)), ops.transpose(self.embedding.embeddings)
        )


def test_networks_that_only_the_training_needs_do_not_count():
    model = Distiller()
    model.build((None, 4))
    counts = count(model, (4,))
    assert counts.params == counts.trainable_params == 4 * 3 + 3 == counts.weight_bytes // 4
    assert counts.unused == "500 weights that inference does not use, such as those of teacher"
    inside = keras.Sequential([keras.Input((4,)), model])
    assert count(inside).params == counts.params
    assert count(model.student).unused == ""
    assert model.teacher.weights[0].numpy().shape == (4, 100), "variables are as before"


def test_weights_that_are_read_count_whoever_owns_them():
    model = Tied()
    model.scaled.adapt(np.eye(4))
    model.build((None, 4))
    counts = count(model, (4,))
    normalization = sum(int(np.prod(one.shape)) for one in model.scaled.weights)
    assert counts.params == normalization + (4 * 4 + 4) + 6 * 4
    # The scale and the normalisation of the block are not used either, but its dense layer is.
    assert counts.unused == "77 weights that inference does not use, such as those of spare"


def test_a_layer_without_its_branch_for_training():
    model = keras.Sequential([keras.Input((4,)), Block(name="block")])
    counts = count(model)
    assert counts.params == (4 * 4 + 4) + 4 * 4 + 1
    assert counts.unused == "35 weights that inference does not use"
    layer = layers.Dense(2, name="frozen", trainable=False)
    model = keras.Sequential([keras.Input((4,)), layer])
    assert (count(model).params, count(model).trainable_params) == (10, 0)

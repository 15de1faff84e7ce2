"""A training loop of its own, in a function train(model, epochs)."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
x_train, y_train, x_val, y_val = x[:1300], y[:1300], x[1300:], y[1300:]
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, activation="relu"),
        keras.layers.Dense(10),
    ]
)
optimizer = keras.optimizers.Adam(HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1.5, "max": 3.5})
loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train(model, epochs):
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(x_train))
        for start in range(0, len(order), 50):
            rows = order[start : start + 50]
            with tf.GradientTape() as tape:
                loss = loss_function(y_train[rows], model(x_train[rows], training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))


def evaluate(model):
    wrong = model.predict(x_val, verbose=0).argmax(1) != y_val
    return 100 * wrong.mean()

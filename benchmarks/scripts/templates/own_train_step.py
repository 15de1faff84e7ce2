"""A training step of its own, in TensorFlow."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits


class Smoothed(keras.Model):
    """Trains on images with noise beside the clean ones."""

    def train_step(self, data):
        x, y = data
        noisy = x + STRENGTH * tf.random.normal(tf.shape(x))
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            loss += self.compute_loss(y=y, y_pred=self(noisy, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            metric.update_state(loss) if metric.name == "loss" else metric.update_state(y, self(x))
        return {metric.name: metric.result() for metric in self.metrics}


STRENGTH = HYPERPARAM{"type": "FLOAT", "token": "strength", "min": 0, "max": 0.5}
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
inputs = keras.Input((64,))
hidden = keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, activation="relu")(inputs)
model = Smoothed(inputs, keras.layers.Dense(10, activation="softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, batch_size=32, validation_split=0.25)

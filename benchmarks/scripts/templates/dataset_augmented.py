"""tf.data with a map that changes the images at random."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

digits = load_digits()
images, labels = digits.images[..., None].astype("float32") / 16, digits.target
noise = HYPERPARAM{"type": "FLOAT", "token": "noise", "min": 0, "max": 0.3}


def augment(image, label):
    shifted = tf.roll(image, tf.random.uniform((), -1, 2, tf.int32), axis=1)
    return shifted + noise * tf.random.normal(tf.shape(image)), label


train = (
    tf.data.Dataset.from_tensor_slices((images[:1300], labels[:1300]))
    .shuffle(1000)
    .map(augment, num_parallel_calls=2)
    .batch(32)
)
valid = tf.data.Dataset.from_tensor_slices((images[1300:], labels[1300:])).batch(32)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.SeparableConv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 8, "max": 24}, 3),
        keras.layers.ReLU(),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(train, epochs=2, validation_data=valid)
print(history.history["val_loss"][-1])

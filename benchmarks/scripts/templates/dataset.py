"""tf.data: batches, a cache and prefetching."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

digits = load_digits()
images, labels = digits.images[..., None].astype("float32") / 16, digits.target
batch_size = HYPERPARAM{"type": "ENUM", "token": "batch", "options": [16, 32, 64]}
train = tf.data.Dataset.from_tensor_slices((images[:1300], labels[:1300]))
train = train.cache().shuffle(1300, seed=1).batch(batch_size).prefetch(tf.data.AUTOTUNE)
valid = tf.data.Dataset.from_tensor_slices((images[1300:], labels[1300:])).batch(64)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 16}, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
model.compile(
    "adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
model.fit(train, validation_data=valid, epochs=3)

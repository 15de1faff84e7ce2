"""A network of keras.applications without its head, frozen, with a new head."""

import keras
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
images = np.repeat(np.kron(digits.images, np.ones((4, 4)))[..., None], 3, -1)[:360].astype("float32")
labels = keras.utils.to_categorical(digits.target[:360])
base = keras.applications.MobileNetV2(
    input_shape=(32, 32, 3),
    alpha=HYPERPARAM{"type": "ENUM", "token": "alpha", "options": [0.35, 0.5]},
    include_top=False,
    weights=None,
)
base.trainable = False
inputs = keras.Input((32, 32, 3))
z = keras.applications.mobilenet_v2.preprocess_input(inputs * 16)
z = base(z, training=False)
z = keras.layers.GlobalAveragePooling2D()(z)
z = keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, activation="relu")(z)
model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(z))
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.fit(images[:300], labels[:300], epochs=1, batch_size=50, validation_data=(images[300:], labels[300:]))

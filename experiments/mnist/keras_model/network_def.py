"""A network like AlexNet for MNIST, with six hyper-parameters, as in the HyperPower paper.

The data are 60000 + 10000 grey images of 28 x 28 pixels. Keras downloads them once (11 MB) to
~/.keras/datasets/mnist.npz. Each HYPERPARAM below is replaced by a value.
"""

import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[..., None], x_test[..., None]
# The search compares networks on the last sixth of the training images.
cut = len(x_train) * 5 // 6
x_train, x_val = x_train[:cut], x_train[cut:]
y_train, y_val = y_train[:cut], y_train[cut:]

model = keras.Sequential(
    [
        keras.Input((28, 28, 1), dtype="uint8"),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(
            HYPERPARAM{"type": "INT", "token": "conv1_features", "min": 20, "max": 80},
            HYPERPARAM{"type": "INT", "token": "conv1_kernel", "min": 2, "max": 5},
            padding="same",
            activation="relu",
        ),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.Conv2D(50, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.Flatten(),
        layers.Dense(
            HYPERPARAM{"type": "INT", "token": "fc1_units", "transform": "X50", "min": 4, "max": 14},
            activation="relu",
        ),
        layers.Dense(10, activation="softmax"),
    ]
)

model.compile(
    optimizer=keras.optimizers.SGD(
        # 10 ** -v: the learning rate from 0.1 to 0.001, the weight decay from 0.01 to 0.0001.
        learning_rate=HYPERPARAM{"type": "FLOAT", "token": "learning_rate", "transform": "NEGEXP10", "min": 1, "max": 3},
        momentum=HYPERPARAM{"type": "FLOAT", "token": "momentum", "min": 0.8, "max": 0.95},
        weight_decay=HYPERPARAM{"type": "FLOAT", "token": "weight_decay", "transform": "NEGEXP10", "min": 2, "max": 4},
    ),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

model.fit(x_train, y_train, batch_size=128, epochs=50, validation_data=(x_val, y_val), verbose=2)
print("test loss and accuracy:", model.evaluate(x_test, y_test, verbose=0))

"""A network like AlexNet for CIFAR-10, with 13 hyper-parameters in the HyperPower paper's ranges.

The data are 50000 + 10000 colour images of 32 x 32 pixels. Keras downloads them once (170 MB) and
keeps them in ~/.keras/datasets. Each HYPERPARAM below is replaced by a value.
"""

import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
# The search compares networks on the last tenth of the training images.
cut = len(x_train) * 9 // 10
x_train, x_val = x_train[:cut], x_train[cut:]
y_train, y_val = y_train[:cut], y_train[cut:]


def convolution(features, kernel, pool):
    """A layer of AlexNet. Pooling windows overlap if they are wider than the stride of 2."""
    return [
        layers.Conv2D(features, kernel, padding="same", activation="relu"),
        layers.MaxPooling2D(pool, strides=2, padding="same"),
    ]


model = keras.Sequential(
    [
        keras.Input((32, 32, 3), dtype="uint8"),
        layers.Rescaling(1 / 127.5, offset=-1),
        *convolution(
            HYPERPARAM{"type": "INT", "token": "conv1_features", "min": 20, "max": 80},
            HYPERPARAM{"type": "INT", "token": "conv1_kernel", "min": 2, "max": 5},
            HYPERPARAM{"type": "INT", "token": "pool1", "min": 1, "max": 3},
        ),
        *convolution(
            HYPERPARAM{"type": "INT", "token": "conv2_features", "min": 20, "max": 80},
            HYPERPARAM{"type": "INT", "token": "conv2_kernel", "min": 2, "max": 5},
            HYPERPARAM{"type": "INT", "token": "pool2", "min": 1, "max": 3},
        ),
        *convolution(
            HYPERPARAM{"type": "INT", "token": "conv3_features", "min": 20, "max": 80},
            HYPERPARAM{"type": "INT", "token": "conv3_kernel", "min": 2, "max": 5},
            HYPERPARAM{"type": "INT", "token": "pool3", "min": 1, "max": 3},
        ),
        layers.Flatten(),
        layers.Dense(
            HYPERPARAM{"type": "INT", "token": "fc1_units", "min": 200, "max": 700},
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

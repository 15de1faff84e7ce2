"""A small convolutional network for handwritten digits: 1797 grey images of 8 x 8 pixels.

The data is part of scikit-learn, so nothing is downloaded. In every network that is tried, each
HYPERPARAM below is replaced by a value; the rest is an ordinary Keras 3 script, training included.
"""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# Structure: determines what a network costs and how much it can learn.
blocks = HYPERPARAM{"type": "INT", "token": "conv_blocks", "min": 1, "max": 3}
features = HYPERPARAM{"type": "INT", "token": "conv_features", "transform": "X4", "min": 1, "max": 12}
kernel = HYPERPARAM{"type": "INT", "token": "conv_kernel", "min": 2, "max": 5}
pooling = HYPERPARAM{"type": "ENUM", "token": "pooling", "options": ["max", "average"]}
activation = HYPERPARAM{"type": "ENUM", "token": "activation", "options": ["relu", "elu", "tanh"]}
units = HYPERPARAM{"type": "INT", "token": "dense_units", "transform": "LOG2", "min": 4, "max": 9}

# Training. LOG2 with 5..7 gives 32, 64 or 128; NEGEXP10 with 0.5..3.5 gives 0.32 down to 0.00032.
batch_size = HYPERPARAM{"type": "INT", "token": "batch_size", "transform": "LOG2", "min": 5, "max": 7}
learning_rate = HYPERPARAM{"type": "FLOAT", "token": "learning_rate", "transform": "NEGEXP10", "min": 0.5, "max": 3.5}
momentum = HYPERPARAM{"type": "FLOAT", "token": "momentum", "min": 0.5, "max": 0.95}
weight_decay = HYPERPARAM{"type": "FLOAT", "token": "weight_decay", "transform": "NEGEXP10", "min": 2, "max": 5}
dropout = HYPERPARAM{"type": "FLOAT", "token": "dropout", "min": 0, "max": 0.6}

# The search compares networks on the validation set; only the best one sees the test set.
digits = load_digits()
images = digits.images[..., None].astype("float32") / 16
x_train, x_rest, y_train, y_rest = train_test_split(
    images, digits.target, train_size=997, stratify=digits.target, random_state=0
)
x_val, x_test, y_val, y_test = train_test_split(
    x_rest, y_rest, train_size=400, stratify=y_rest, random_state=0
)

model = keras.Sequential([keras.Input((8, 8, 1))])
pool = layers.MaxPooling2D if pooling == "max" else layers.AveragePooling2D
for block in range(blocks):
    model.add(
        layers.Conv2D(
            features * 2**block,
            kernel,
            padding="same",
            activation=activation,
            kernel_regularizer=keras.regularizers.L2(weight_decay),
        )
    )
    model.add(pool(2))
model.add(layers.Flatten())
model.add(
    layers.Dense(
        units, activation=activation, kernel_regularizer=keras.regularizers.L2(weight_decay)
    )
)
model.add(layers.Dropout(dropout))
model.add(layers.Dense(10, activation="softmax"))

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate, momentum=momentum, nesterov=True),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

model.fit(
    x_train, y_train, batch_size=batch_size, epochs=15, validation_data=(x_val, y_val), verbose=2
)
print("test loss and accuracy:", model.evaluate(x_test, y_test, verbose=0))

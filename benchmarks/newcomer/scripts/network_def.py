# The script as a template of HyperPower.
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
images = digits.images[..., None].astype("float32") / 16
x_train, x_rest, y_train, y_rest = train_test_split(
    images, digits.target, train_size=997, stratify=digits.target, random_state=0
)
x_val, x_test, y_val, y_test = train_test_split(
    x_rest, y_rest, train_size=400, stratify=y_rest, random_state=0
)

model = keras.Sequential([keras.Input((8, 8, 1))])
model.add(layers.Conv2D(
    HYPERPARAM{"type": "INT", "token": "features", "transform": "X4", "min": 1, "max": 12},
    HYPERPARAM{"type": "INT", "token": "kernel", "min": 2, "max": 5},
    padding="same",
    activation=HYPERPARAM{"type": "ENUM", "token": "activation", "options": ["relu", "elu", "tanh"]},
))
model.add(layers.MaxPooling2D(2))
model.add(layers.Flatten())
model.add(layers.Dense(
    HYPERPARAM{"type": "INT", "token": "units", "transform": "LOG2", "min": 4, "max": 9},
    activation="relu",
))
model.add(layers.Dense(10, activation="softmax"))
model.compile(
    keras.optimizers.SGD(
        learning_rate=HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 0.5, "max": 3.5},
        momentum=HYPERPARAM{"type": "FLOAT", "token": "momentum", "min": 0.5, "max": 0.95},
    ),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_val, y_val))
print(model.evaluate(x_test, y_test))

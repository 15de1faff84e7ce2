"""Everything in functions; main() is called at the end."""

import argparse

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer


def load():
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    return x[:400].astype("float32"), y[:400], x[400:].astype("float32"), y[400:]


def build(units, rate):
    inputs = keras.Input((30,))
    hidden = keras.layers.Dense(units, activation="gelu")(inputs)
    outputs = keras.layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=4)
    arguments = parser.parse_args()
    x_train, y_train, x_val, y_val = load()
    model = build(
        HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 40},
        HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 1.5, "max": 3.5},
    )
    model.fit(x_train, y_train, epochs=arguments.epochs, validation_data=(x_val, y_val))
    wrong = np.mean((model.predict(x_val)[:, 0] > 0.5) != y_val)
    print("wrong:", wrong)


main()

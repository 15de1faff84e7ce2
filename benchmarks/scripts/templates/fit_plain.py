"""The script of a first tutorial: arrays, a Sequential model, fit with a validation split."""

import keras
from keras import layers
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")

model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, activation="relu"),
        layers.Dropout(HYPERPARAM{"type": "FLOAT", "token": "dropout", "min": 0, "max": 0.5}),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=3, batch_size=32, validation_split=0.2)
print("best accuracy:", max(history.history["val_accuracy"]))
model.save("digits.keras")

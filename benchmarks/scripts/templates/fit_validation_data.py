"""Train, validation and test sets of its own; the test set is evaluated at the end."""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
images = digits.images[..., None].astype("float32") / 16
x_train, x_test, y_train, y_test = train_test_split(images, digits.target, random_state=0)
x_train, x_val, y_train, y_val = train_test_split(x_train, y_train, random_state=0)

filters = HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 12}
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(filters, HYPERPARAM{"type": "INT", "token": "kernel", "min": 2, "max": 4}, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=3, batch_size=64, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test)
print(f"test accuracy {accuracy:.3f}")

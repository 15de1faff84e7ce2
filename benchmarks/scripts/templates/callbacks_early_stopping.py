"""EarlyStopping that restores the best weights, and ReduceLROnPlateau."""

import keras
from keras.callbacks import EarlyStopping, ReduceLROnPlateau
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 16, "max": 96}, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 0.5, "max": 3}
model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
callbacks = [
    EarlyStopping(monitor="val_loss", patience=1, restore_best_weights=True),
    ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=1, min_lr=1e-5),
]
model.fit(x[:1200], y[:1200], epochs=6, batch_size=32, validation_data=(x[1200:], y[1200:]), callbacks=callbacks)

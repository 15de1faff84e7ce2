"""A cosine schedule over all steps, and a callback of the script's own."""

import keras
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
EPOCHS, BATCH = 4, 32
steps = EPOCHS * (1400 // BATCH)
schedule = keras.optimizers.schedules.CosineDecay(
    HYPERPARAM{"type": "FLOAT", "token": "peak", "transform": "NEGEXP10", "min": 1, "max": 3}, steps
)


class Printer(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, "loss", logs["loss"], "validation", logs["val_loss"])


model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 16, "max": 96}, activation="silu"),
        keras.layers.Dense(10),
    ]
)
model.compile(
    keras.optimizers.AdamW(schedule, weight_decay=1e-3),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x[:1400], y[:1400], BATCH, EPOCHS, validation_data=(x[1400:], y[1400:]), callbacks=Printer())

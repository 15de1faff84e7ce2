"""ModelCheckpoint and CSVLogger; the checkpoint is loaded again after the training."""

import keras
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

x, y = load_iris(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Normalization(),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 4, "max": 32}, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.layers[0].adapt(x_train)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.002, "max": 0.05}
model.compile(keras.optimizers.RMSprop(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x_train,
    y_train,
    epochs=6,
    batch_size=8,
    validation_data=(x_val, y_val),
    callbacks=[
        keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True),
        keras.callbacks.CSVLogger("training.csv"),
    ],
)
best = keras.models.load_model("best.keras")
print(best.evaluate(x_val, y_val))

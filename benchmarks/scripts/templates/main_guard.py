"""The training stands under `if __name__ == "__main__"`."""

import keras
import numpy as np

rng = np.random.default_rng(0)
POINTS = rng.uniform(-1, 1, (600, 2)).astype("float32")
SIDES = (np.hypot(*POINTS.T) < 0.75).astype("int32")


def create_model():
    return keras.Sequential(
        [
            keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "first", "min": 4, "max": 32}, "tanh"),
            keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "second", "min": 2, "max": 16}, "tanh"),
            keras.layers.Dense(2),
        ]
    )


if __name__ == "__main__":
    model = create_model()
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(POINTS, SIDES, validation_split=0.25, epochs=5, verbose=0)
    model.summary()

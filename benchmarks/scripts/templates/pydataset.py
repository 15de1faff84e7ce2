"""A keras.utils.PyDataset (once called Sequence) that makes its batches."""

import keras
import numpy as np


class Waves(keras.utils.PyDataset):
    def __init__(self, batches, seed, **kwargs):
        super().__init__(**kwargs)
        self.batches, self.seed = batches, seed

    def __len__(self):
        return self.batches

    def __getitem__(self, number):
        rng = np.random.default_rng(self.seed + number)
        kind = rng.integers(0, 3, 32)
        time = np.linspace(0, 1, 24) + rng.uniform(0, 1, (32, 1))
        signal = np.sin(2 * np.pi * time * (1 + kind[:, None] * 2))
        return (signal + rng.normal(0, 0.3, signal.shape))[..., None].astype("float32"), kind


model = keras.Sequential(
    [
        keras.Input((24, 1)),
        keras.layers.Conv1D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 16}, 5, activation="relu"),
        keras.layers.MaxPooling1D(HYPERPARAM{"type": "INT", "token": "pool", "min": 2, "max": 4}),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])
model.fit(Waves(30, 0), epochs=3, validation_data=Waves(8, 1000))

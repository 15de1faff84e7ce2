"""Windows of a time series, forecast by dilated convolutions."""

import keras
import numpy as np

time = np.arange(1500)
series = np.sin(time / 7) + 0.5 * np.sin(time / 23) + np.random.default_rng(0).normal(0, 0.1, 1500)
window = HYPERPARAM{"type": "ENUM", "token": "window", "options": [16, 24, 32]}
dataset = keras.utils.timeseries_dataset_from_array(
    series[:1000, None].astype("float32"), series[window:1000].astype("float32"), window, batch_size=32
)
held_out = keras.utils.timeseries_dataset_from_array(
    series[1000:, None].astype("float32"), series[1000 + window :].astype("float32"), window, batch_size=64
)
inputs = keras.Input((window, 1))
z = inputs
for dilation in (1, 2, 4):
    z = keras.layers.Conv1D(
        HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 16}, 2, padding="causal", dilation_rate=dilation, activation="relu"
    )(z)
model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(z)))
model.compile("adam", "mse", metrics=["mae"])
model.fit(dataset, validation_data=held_out, epochs=2)

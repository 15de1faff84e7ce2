"""The input is the target."""

import keras
from sklearn.datasets import load_digits

x = (load_digits().data / 16).astype("float32")
code = HYPERPARAM{"type": "INT", "token": "code", "min": 2, "max": 16}
hidden = HYPERPARAM{"type": "INT", "token": "hidden", "min": 16, "max": 64}
encoder = keras.Sequential([keras.Input((64,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(code)])
decoder = keras.Sequential(
    [keras.Input((code,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(64, "sigmoid")]
)
image = keras.Input((64,))
autoencoder = keras.Model(image, decoder(encoder(image)))
autoencoder.compile(optimizer="adam", loss="mse")
autoencoder.fit(x[:1400], x[:1400], epochs=3, batch_size=64, validation_data=(x[1400:], x[1400:]))
codes = encoder.predict(x[1400:])

"""A block of self-attention over patches of the image."""

import keras
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
patches = digits.images.reshape(-1, 4, 2, 4, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 16, 4) / 16
width = HYPERPARAM{"type": "ENUM", "token": "width", "options": [8, 16, 24]}
inputs = keras.Input((16, 4))
z = layers.Dense(width)(inputs)
z = z + layers.Embedding(16, width)(keras.ops.arange(16))
for _ in range(HYPERPARAM{"type": "INT", "token": "blocks", "min": 1, "max": 2}):
    a = layers.LayerNormalization()(z)
    z = z + layers.MultiHeadAttention(HYPERPARAM{"type": "ENUM", "token": "heads", "options": [1, 2, 4]}, 8)(a, a)
    z = z + layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(layers.LayerNormalization()(z)))
z = layers.GlobalAveragePooling1D()(z)
model = keras.Model(inputs, layers.Dense(10, activation="softmax")(z))
model.compile(keras.optimizers.AdamW(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(patches, digits.target, batch_size=64, epochs=2, validation_split=0.2)

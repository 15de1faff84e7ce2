"""Strings, turned into numbers by a TextVectorization layer inside the model."""

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
GOOD, BAD = ["good", "great", "lovely", "fine"], ["bad", "awful", "dull", "poor"]
OTHER = "the film was a very long story about people".split()
texts, labels = [], []
for _ in range(500):
    kind = int(rng.integers(0, 2))
    words = [*rng.choice(OTHER, 6), rng.choice((BAD, GOOD)[kind])]
    rng.shuffle(words)
    texts.append(" ".join(words))
    labels.append(kind)
texts, labels = np.array(texts, dtype=object), np.array(labels)
vectorize = keras.layers.TextVectorization(max_tokens=40, output_sequence_length=8)
vectorize.adapt(texts[:400])
model = keras.Sequential(
    [
        keras.Input((1,), dtype=tf.string),
        vectorize,
        keras.layers.Embedding(40, HYPERPARAM{"type": "INT", "token": "width", "min": 2, "max": 12}),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 16}, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
texts = tf.constant(texts.reshape(-1, 1).tolist())
model.fit(texts[:400], labels[:400], validation_data=(texts[400:], labels[400:]), epochs=4)

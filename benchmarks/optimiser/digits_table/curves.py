"""Trains every network of the table again, and keeps the validation error after each epoch.

Started by `make.py --curves`. Appends a structure's rows to `curves.csv` and skips what is there.
A structure is built and compiled once: each learning rate begins with the same weights and the
same random numbers, so that a row does not depend on what was trained before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.optimiser.digits_table.table_file import KEYS

CURVES = Path(__file__).with_name("curves.csv")
EPOCHS = 8
ERRORS = tuple(f"error_{epoch}" for epoch in range(1, EPOCHS + 1))
SECONDS = tuple(f"cpu_s_{epoch}" for epoch in range(1, EPOCHS + 1))
COLUMNS = (*KEYS, *ERRORS, *SECONDS)


class Structure:
    """A compiled network that is trained several times from the same state.

    An epoch is one graph: a call of `fit` per epoch takes several times as long as the arithmetic
    of networks of this size.

    Args:
        names: Names of a rendered script that ran up to its call of `fit`.
        seed: Of the order of the images.
    """

    def __init__(self, names: dict[str, Any], seed: int) -> None:
        self.model, self.seed = names["model"], seed
        self.count = len(names["x_train"])
        self.model.optimizer.build(self.model.trainable_variables)
        self.state = [(variable, variable.numpy()) for variable in self.model.variables]
        self.epoch = _epoch(names)
        self.epoch(np.arange(self.count))  # traced before the clock of an epoch runs

    def curve(self, rate: float) -> dict[str, str]:
        """Validation error in % and CPU seconds of each epoch, its validation included."""
        for variable, value in self.state:
            variable.assign(value)
        for variable in self.model.optimizer.variables:
            variable.assign(0 * variable.value)
        self.model.optimizer.learning_rate = rate
        rng = np.random.default_rng(self.seed)
        row = {}
        for error, seconds in zip(ERRORS, SECONDS, strict=True):
            start = time.process_time()
            wrong = float(self.epoch(rng.permutation(self.count)))
            row[seconds] = f"{time.process_time() - start:.4f}"
            row[error] = f"{100 * wrong:.2f}"
        return row


def _epoch(names: dict[str, Any]) -> Callable[[Any], Any]:
    """A function that trains for one epoch; its argument is the order of the images, shape (n,).

    It returns the share of validation images that are classified wrongly.
    """
    import tensorflow as tf

    model, batch = names["model"], names["batch_size"]
    x, y = tf.constant(names["x_train"]), tf.constant(names["y_train"])
    x_val, y_val = tf.constant(names["x_val"]), tf.constant(names["y_val"])
    whole = len(names["x_train"]) // batch

    @tf.function
    def epoch(order: Any) -> Any:
        for i in tf.range(whole):
            rows = order[i * batch : (i + 1) * batch]
            model.train_step((tf.gather(x, rows), tf.gather(y, rows)))
        rest = order[whole * batch :]
        model.train_step((tf.gather(x, rest), tf.gather(y, rest)))
        found = tf.argmax(model(x_val, training=False), axis=1)
        return tf.reduce_mean(tf.cast(found != tf.cast(y_val, found.dtype), tf.float32))

    return epoch

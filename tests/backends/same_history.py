# ruff: noqa: E501 - scripts in the style of what people have
"""Trains small scripts, alone or as the search does; prints the histories as JSON.

    KERAS_BACKEND=torch .venv-torch/bin/python tests/backends/same_history.py alone FOLDER [KIND]...

With "searched" instead of "alone", the search's way of running a script captures its call of `fit`,
measures the network and trains it then.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(160, 6, 6, 1)).astype("float32")
y = (x.mean((1, 2, 3)) > 0).astype("int32") + (x[:, 0, 0, 0] > 0.5)
"""

SCRIPTS = {
    "augmented": """
keras.utils.set_random_seed(7)
model = keras.Sequential([
    keras.Input((6, 6, 1)), layers.RandomFlip(), layers.RandomTranslation(0.2, 0.2),
    layers.Conv2D(4, 3), layers.BatchNormalization(), layers.GaussianNoise(0.1),
    layers.Flatten(), layers.Dropout(0.3), layers.Dense(3, "softmax"),
])
model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
if __name__ == "__main__":
    history = model.fit(x[:120], y[:120], batch_size=32, epochs=3, validation_data=(x[120:], y[120:]))
""",
    "dataset": """
import random
class Batches(keras.utils.PyDataset):
    def __init__(self, rows, shuffled):
        super().__init__()
        self.rows, self.shuffled = np.array(rows), shuffled
    def __len__(self):
        return len(self.rows) // 16
    def __getitem__(self, n):
        some = self.rows[16 * n : 16 * n + 16]
        return x[some] + np.random.normal(size=(1, 1, 1)) * self.shuffled, y[some]
    def on_epoch_end(self):
        if self.shuffled:
            np.random.shuffle(self.rows)
            self.rows[0] = random.randrange(100)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.parts = [layers.Flatten(), layers.Dense(8, "relu"), layers.Dropout(0.2), layers.Dense(3)]
    def call(self, x, training=False):
        for part in self.parts:
            x = part(x, training=training) if isinstance(part, layers.Dropout) else part(x)
        return x
model = Net()
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
def main():
    global history
    history = model.fit(Batches(range(112), True), epochs=3, validation_data=Batches(range(112, 160), False))
main()
""",
    "callbacks": """
from pathlib import Path
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(8, "tanh"), layers.Dense(3, "softmax")])
model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
class Loud(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.05 / (1 + epoch)
callbacks = [
    keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True), Loud(),
    keras.callbacks.ModelCheckpoint("checkpoint.keras", save_best_only=True),
    keras.callbacks.ReduceLROnPlateau(patience=1), keras.callbacks.CSVLogger("logs/log.csv"),
]
Path("logs").mkdir(exist_ok=True)
history = model.fit(x[:120], y[:120], epochs=6, callbacks=callbacks, class_weight={0: 1.0, 1: 2.0, 2: 0.5},
    validation_data=(x[120:], y[120:], np.ones(40)))
""",
    "two outputs": """
inputs = keras.Input((6, 6, 1))
flat = layers.Dropout(0.1)(layers.Flatten()(inputs))
model = keras.Model(inputs, {"a": layers.Dense(3, name="a")(flat), "b": layers.Dense(1, name="b")(flat)})
model.compile("rmsprop", {"a": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "b": "mse"},
    metrics={"b": ["mae"]})
history = model.fit(x, {"a": y, "b": x.mean((1, 2, 3))}, epochs=3, batch_size=40, validation_split=0.25)
""",
    "two phases": """
base = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(6, "relu")])
model = keras.Sequential([base, layers.Dropout(0.2), layers.Dense(3, "softmax")])
base.trainable = False
model.compile("adam", "sparse_categorical_crossentropy")
first = model.fit(x, y, epochs=2, validation_split=0.2, sample_weight=np.linspace(0.5, 1.5, 160))
base.trainable = True
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
history = model.fit(x, y, epochs=4, initial_epoch=first.epoch[-1] + 1, validation_split=0.2)
history.history = {name: first.history[name] + history.history[name] for name in first.history}
""",
}
if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
    SCRIPTS["tf.data"] = """
import tensorflow as tf
train = tf.data.Dataset.from_tensor_slices((x[:120], y[:120])).shuffle(50).batch(16).prefetch(2)
val = tf.data.Dataset.from_tensor_slices((x[120:], y[120:])).batch(16)
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(train, epochs=3, validation_data=val)
"""
if os.environ.get("KERAS_BACKEND") == "torch":
    SCRIPTS["DataLoader"] = """
import torch
parts = [torch.utils.data.TensorDataset(torch.tensor(x[r]), torch.tensor(y[r])) for r in (slice(120), slice(120, 160))]
train = torch.utils.data.DataLoader(parts[0], batch_size=16, shuffle=True)
val = torch.utils.data.DataLoader(parts[1], batch_size=16)
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(train, epochs=3, validation_data=val)
"""

AFTER = """
import json, sys
model.evaluate(x, y, verbose=0)
json.dump(history.history, open(sys.argv[1], "w"), default=float)
raise SystemExit("a search must not come this far")
"""


def written(folder: Path, name: str) -> Path:
    """The rendered script of a kind."""
    from hwsearch.network.program import rendered_script

    home = folder / name / "network_def.py"
    home.parent.mkdir(parents=True, exist_ok=True)
    script = folder / f"{list(SCRIPTS).index(name):08d}_keras_net.py"
    after = AFTER.replace("model.evaluate(x, y, verbose=0)\n", "") if "two" in name else AFTER
    text = rendered_script.standalone(
        DATA + SCRIPTS[name] + after, home=home, seed=3, title="a test"
    )
    script.write_text(text)
    return script


def searched(script: Path, name: str) -> dict[str, list[float]]:
    """The history of the training as the search makes it, after measuring."""
    from hwsearch.costs import costs_of
    from hwsearch.measuring.profile_settings import ProfileSettings
    from hwsearch.network.network import Network

    scored = name != "two outputs"
    network = Network.from_script(script, seed=3, scored=scored)
    costs_of(
        network, {"runtime", "params"}, {}, ProfileSettings(time_limit_s=0.2, target_error=0.5)
    )
    monitor = "error" if scored else "val_loss"
    result = network.train(None, seed=99, say=lambda _: None, monitor=monitor)
    if scored:
        assert network.validation_error() == result.error, (network.validation_error(), result)
    return result.history


def alone(folder: Path, names: list[str]) -> dict[str, dict[str, list[float]]]:
    """The histories of the scripts as Python runs them."""
    found = {}
    for name in names:
        answer = folder / "alone.json"
        sys.argv[1] = str(answer)
        with contextlib.suppress(SystemExit):
            runpy.run_path(str(written(folder, name)), run_name="__main__")
        found[name] = json.loads(answer.read_text())
    return found


def main(how: str, folder: Path, names: list[str]) -> int:
    """Prints the histories of all kinds of script, by kind."""
    names = names or list(SCRIPTS)
    if how == "alone":
        histories = alone(folder, names)
    else:
        histories = {name: searched(written(folder, name), name) for name in names}
    print(json.dumps(histories))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))

# ruff: noqa: E501 - scripts in the style of what people have
"""Trains small scripts in one piece and in segments; prints what they give as JSON.

    KERAS_BACKEND=torch .venv-torch/bin/python tests/backends/pausing.py begin|end FOLDER [KIND]...

"begin" trains each kind in one piece, and until its first pause; "end" continues in another process,
until a second pause and then to the end. Both print what the trainings gave, in this order.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.backends.same_history import DATA  # noqa: E402

SCRIPTS = {
    # Dropout, augmentation and noise draw from generators of their own; a callback remembers.
    "layers": """
class Watch(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses, self.rng, self.begun, self.ended = [], np.random.default_rng(3), 0, 0
    def on_train_begin(self, logs=None):
        self.begun += 1
    def on_epoch_begin(self, epoch, logs=None):
        layer = self.model.layers[-1]
        layer.kernel.assign(layer.kernel * (1 + 0.01 * self.rng.normal()))
    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])
        logs["remembered"] = sum(self.losses) + self.begun + len(self.model.history.epoch)
model = keras.Sequential([
    keras.Input((6, 6, 1)), layers.RandomFlip(), layers.RandomTranslation(0.2, 0.2),
    layers.Conv2D(4, 3), layers.BatchNormalization(), layers.GaussianNoise(0.1),
    layers.Flatten(), layers.Dropout(0.3), layers.Dense(3, "softmax"),
])
model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=6, validation_split=0.25, callbacks=[
    Watch(), keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.2), keras.callbacks.CSVLogger("log.csv")])
""",
    # Ends by itself: three of its epochs without improvement lie before and after the pauses.
    "early": """
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(8, "tanh"), layers.Dropout(0.5), layers.Dense(3, "softmax")])
model.compile(keras.optimizers.SGD(0.3, momentum=0.9), "sparse_categorical_crossentropy")
model.fit(x[:120], y[:120], epochs=30, validation_data=(x[120:], y[120:]),
    callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)])
""",
    # Its rows change their order after each epoch, and it draws from NumPy's numbers.
    "batches": """
class Batches(keras.utils.PyDataset):
    def __init__(self, rows):
        super().__init__()
        self.rows = np.array(rows)
    def __len__(self):
        return len(self.rows) // 16
    def __getitem__(self, n):
        some = self.rows[16 * n : 16 * n + 16]
        return x[some] + np.random.normal(size=(1, 1, 1)).astype("float32"), y[some]
    def on_epoch_end(self):
        np.random.shuffle(self.rows)
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(8, "relu"), layers.Dense(3)])
model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(Batches(range(112)), epochs=6, validation_data=(x[112:], y[112:]))
""",
}
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")
if BACKEND == "tensorflow":
    SCRIPTS["tf.data"] = """
import tensorflow as tf
train = tf.data.Dataset.from_tensor_slices((x[:120], y[:120])).shuffle(50).batch(16).prefetch(2)
val = tf.data.Dataset.from_tensor_slices((x[120:], y[120:])).shuffle(40).batch(16)
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(train, epochs=6, validation_data=val)
"""
if BACKEND == "torch":
    SCRIPTS["DataLoader"] = """
import torch
parts = [torch.utils.data.TensorDataset(torch.tensor(x[r]), torch.tensor(y[r])) for r in (slice(120), slice(120, 160))]
train = torch.utils.data.DataLoader(parts[0], batch_size=16, shuffle=True, generator=torch.Generator().manual_seed(5))
val = torch.utils.data.DataLoader(parts[1], batch_size=16)
model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(train, epochs=6, validation_data=val)
"""


def trained(folder: Path, number: int, name: str, until: int) -> dict[str, object]:
    """Trains a script from where it was paused.

    Returns:
        The epoch that it began after, whether it was paused, its history, a digest of the weights,
        and their epoch.
    """
    from hwsearch.network.network import Network
    from hwsearch.network.program import rendered_script
    from hwsearch.pausing.obstacles import obstacle
    from hwsearch.pausing.segment import Segment
    from hwsearch.pausing.state import State
    from hwsearch.pausing.store import Store

    home = folder / "home" / "network_def.py"
    home.parent.mkdir(parents=True, exist_ok=True)
    script = folder / f"{number:08d}_keras_net.py"
    text = rendered_script.standalone(DATA + SCRIPTS[name], home=home, seed=3, title="a test")
    script.write_text(text)
    store = Store(folder / "paused", 2**24)
    network = Network.from_script(script, seed=3)
    assert not obstacle(network), obstacle(network)
    state = State.read(store.path(number), {"name": name})

    def keep(paused: State) -> None:
        assert store.keep(number, paused.to_bytes())

    segment = Segment(99, until, keep, {"name": name}, state=state)
    network.fitting = segment
    result = network.train(None, seed=99, say=lambda _: None)
    weights = hashlib.sha256(b"".join(map(bytes, network.model.get_weights()))).hexdigest()
    return {
        "from": segment.state.epoch if segment.state else 0,
        "paused": segment.paused,
        "history": result.history,
        "weights": weights,
        "epoch": result.kept_epoch,
    }


def main(what: str, folder: Path, names: list[str]) -> int:
    """Prints what the scripts give, by kind."""
    steps = [("whole", 99), ("parts", 1)] if what == "begin" else [("parts", 3), ("parts", 99)]
    numbers = {name: number for number, name in enumerate(SCRIPTS)}
    found = {
        name: [trained(folder / place, numbers[name], name, until) for place, until in steps]
        for name in names or list(SCRIPTS)
    }
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))

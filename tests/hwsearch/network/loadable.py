"""Scripts whose networks are saved and loaded in different ways."""

from __future__ import annotations

import sys

from hwsearch.network.program import rendered_script
from hwsearch.network.saving import Origin
from hwsearch.network.way_to_load import Loading

SCRIPT = """
import keras
import numpy as np

x = np.linspace(0, 1, 64).reshape(16, 4).astype("float32")
y = np.arange(16) % 2
{define}
model = {model}
model.compile("adam", {loss})
model.fit(x, y, epochs=1, validation_data=(x, y))
open("after_fit", "w").close()
"""
SEQUENTIAL = "keras.Sequential([keras.Input((4,)), {layer}, keras.layers.Dense(2, 'softmax')])"
OWN = """
@keras.saving.register_keras_serializable()
class Scaled(keras.layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],))

    def call(self, x):
        return x * self.scale
"""
SUBCLASS = """
class Net(keras.Model):
    def __init__(self, last):
        super().__init__()
        self.first = keras.layers.Dense(3)
        self.last = last

    def call(self, x):
        return self.last(self.first(x))
"""
LOSS = """
def loss(true, predicted):
    return keras.losses.sparse_categorical_crossentropy(true, predicted)
"""
STANDARD = "'sparse_categorical_crossentropy'"
PLAIN = SEQUENTIAL.format(layer="keras.layers.Dense(3)")
CASES = {
    "plain": (Loading.MODEL, "", PLAIN, STANDARD),
    "own loss": (Loading.UNCOMPILED, LOSS, PLAIN, "loss"),
    "registered layer": (Loading.OBJECTS, OWN, SEQUENTIAL.format(layer="Scaled()"), STANDARD),
    "layer of a module": (
        Loading.OBJECTS,
        "from scaled import Scaled",
        SEQUENTIAL.format(layer="Scaled()"),
        STANDARD,
    ),
    "Lambda": (
        Loading.UNSAFE,
        "",
        SEQUENTIAL.format(layer="keras.layers.Lambda(lambda x: 2 * x)"),
        STANDARD,
    ),
    "Lambda and layer": (
        Loading.UNSAFE_OBJECTS,
        OWN,
        SEQUENTIAL.format(layer="Scaled(), keras.layers.Lambda(lambda x: 2 * x)"),
        STANDARD,
    ),
    "Lambda with a name of the script": (
        Loading.SCRIPT,
        "TWO = 2.0",
        SEQUENTIAL.format(layer="keras.layers.Lambda(lambda x: TWO * x)"),
        STANDARD,
    ),
    "no get_config": (
        Loading.SCRIPT,
        SUBCLASS,
        "Net(keras.layers.Dense(2, 'softmax'))",
        STANDARD,
    ),
}


def rendered(folder, define="", model=PLAIN, loss=STANDARD, name="00000001_keras_net.py"):
    """A script in tmp/ of an experiment."""
    home = folder / "keras_model"
    home.mkdir(parents=True, exist_ok=True)
    (home / "scaled.py").write_text("import keras\n" + OWN)
    sys.modules.pop("scaled", None)  # that of another folder
    text = SCRIPT.format(define=define, model=model, loss=loss)
    path = folder / name
    path.write_text(
        rendered_script.standalone(text, home=home / "network_def.py", seed=1, title="job 1")
    )
    return path


def origin(script):
    home = script.parent / "keras_model"
    return Origin(home, script.read_text(), {"scaled.py": (home / "scaled.py").read_text()})

"""What is copied from a script so that its saved model can be loaded."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hwsearch.network.own_objects import own_objects
from hwsearch.network.program import rendered_script

SCRIPT = '''\
"""A script."""
from __future__ import annotations
import os, numpy as np
from math import *
import keras
SCALE, OFFSET = 2.0, 1.0
unused = open("data.npz")
x = unused
def helper(x, model=None):
    return x * SCALE
class Scaled(keras.layers.Layer):
    factor = 3
    def call(self, x):
        model = helper(x)
        return model + self.factor * pi
def loss(true, predicted):
    return np.mean(true - predicted)
model = keras.Sequential([Scaled()])
model.fit(x)
'''


def saved(folder: Path, config: Any) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    return path


def layer(name: str, module: str | None = None, **more: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "registered_name": f"Own>{name}", **more}


KERAS = {"module": "keras.layers", "class_name": "helper", "config": {"layers": []}}
LOSS = {"module": "builtins", "class_name": "function", "config": "loss"}


def test_definitions_and_all_they_refer_to_are_copied(tmp_path: Path) -> None:
    path = saved(tmp_path, {"layers": [KERAS, layer("Scaled")], "compile_config": {}})
    text = rendered_script.standalone(
        SCRIPT, home=tmp_path / "network_def.py", seed=1, title="job 1"
    )
    found = own_objects(path, text, {})
    lines = found.splitlines()
    assert lines[2:7] == [
        "from __future__ import annotations",
        "from math import *",
        "import keras",
        "SCALE, OFFSET = (2.0, 1.0)",
        "def helper(x, model=None):",
    ]
    assert lines[-3:] == ["OBJECTS = {", "    'Scaled': Scaled,", "}"]
    # Names of parameters and local variables are not those of the script.
    assert not [word for word in ("unused", "fit", "Sequential", "os", "np") if word in found]


@pytest.mark.parametrize(
    "config", [{"compile_config": {"loss": LOSS}}, {"compile_config": {"loss": ["mse", "loss"]}}]
)
def test_a_loss_is_found_as_object_and_as_name(config: Any, tmp_path: Path) -> None:
    found = own_objects(saved(tmp_path, config), SCRIPT, {})
    assert "import numpy as np\n" in found
    assert "OBJECTS = {\n    'loss': loss,\n}" in found
    assert "Scaled" not in found


def test_classes_of_modules_beside_the_template_are_imported(tmp_path: Path) -> None:
    path = saved(tmp_path, [layer("Norm", "parts.norm"), layer("Scaled"), layer("Elsewhere", "q")])
    script = "import parts.norm\nfrom scaled import Scaled\n"
    modules = {
        "parts/norm.py": "class Norm: pass",
        "parts/__init__.py": "not Python",
        "scaled.py": "class Scaled: pass",
    }
    found = own_objects(path, script, modules)
    assert "from scaled import Scaled\nfrom parts.norm import Norm\n" in found
    assert found.endswith("OBJECTS = {\n    'Scaled': Scaled,\n    'Norm': Norm,\n}\n")


def test_a_model_of_kerass_own_layers_needs_nothing(tmp_path: Path) -> None:
    assert own_objects(saved(tmp_path, {"layers": [KERAS, layer("Lost")]}), SCRIPT, {}) == ""


def test_spellings_of_keras_2_work_there_too(tmp_path: Path) -> None:
    script = "from keras.layers.core import Dense\nclass Own(Dense): pass\n"
    found = own_objects(saved(tmp_path, layer("Own")), script, {})
    assert found.index("_keras2.install()") < found.index("from keras.layers.core")
    compile(found, "own_objects.py", "exec")

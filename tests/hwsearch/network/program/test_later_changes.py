"""Weights that a script changes after its last call of fit."""

from __future__ import annotations

import pytest

from hwsearch.network.program.fit_calls import Position
from hwsearch.network.program.later_changes import note

FIT = "model.set_weights(start)\nmodel.fit(x, y)\n"


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ("model.set_weights([w.round(2) for w in model.get_weights()])", 3),
        ("for layer in model.layers:\n    layer.set_weights(rounded(layer))", 4),
        ("for n, layer in enumerate(model.layers):\n    layer.set_weights(rounded(n))", 4),
        ("model.layers[0].set_weights([w, b])", 3),
        ("model.quantize('int8')", 3),
        ("model.get_layer('out').set_weights([w, b])", 3),
        ("for n, (layer, w) in enumerate(zip(model.layers, ws)):\n    layer.set_weights(w)", 4),
        ("for one in [m for m in model.layers if m.weights]:\n    one.set_weights(cut(one))", 4),
        ("model = keras.models.load_model('best.keras')\nmodel.quantize('int8')", 4),
        ("print(model.get_weights())", 0),
        # Copies of the trained weights, and the weights of the best epoch, change nothing.
        ("for layer in model.layers:\n    inference.get_layer(layer.name).set_weights(w)", 0),
        ("for a, b in zip(other.layers, model.layers):\n    a.set_weights(b.get_weights())", 0),
        ("keras.models.clone_model(model).set_weights(model.get_weights())", 0),
        ("w = model.get_weights()\nmodel = build(1)\nmodel.set_weights(w)", 0),
        ("model.set_weights(checkpoint.best_weights)", 0),
        ("model.set_weights(best_model.get_weights())", 0),
        ("model.set_weights(rounded(best_weights))", 3),
        ("inference.set_weights(model.get_weights())", 0),  # the same weights elsewhere
        ("model.set_weights(pruned)\nmodel.fit(x, y)", 0),  # reruns.py looks at these
        ("def later():\n    model.set_weights(pruned)", 0),
    ],
)
def test_changes_of_the_trained_model_are_noted(after, line, tmp_path):
    script = tmp_path / "net.py"
    script.write_text(FIT + after + "\n")
    found = note([Position(str(script), 2, "<module>")])
    assert found.startswith(f"net.py:{line}: " if line else "")
    assert bool(found) == bool(line)


def test_a_model_without_a_name_has_no_changes_later(tmp_path):
    script = tmp_path / "net.py"
    script.write_text("history = make().fit(x, y)\nother.set_weights(start)\n")
    assert note([Position(str(script), 1, "<module>")]) == ""


def test_methods_and_unknown_files(tmp_path):
    script = tmp_path / "net.py"
    script.write_text(
        "class Trainer:\n"
        "    def run(self):\n"
        "        self.model.fit(x, y)\n"
        "        self.model.set_weights(rounded(self.model))\n"
    )
    assert note([Position(str(script), 3, "run")]).startswith("net.py:4: set_weights after")
    assert note([]) == note([Position(str(tmp_path / "none.py"), 1, "<module>")]) == ""


def test_the_network_has_the_note(network_from):
    script = "model.fit(x, y)\nmodel.set_weights([w * 0 for w in model.get_weights()])"
    (found,) = network_from("model = make()\n" + script).notes
    assert ".py:18: set_weights after the training is not run" in found

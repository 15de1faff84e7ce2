"""A network fails: do all others of the template?"""

from __future__ import annotations

import pytest

from hwsearch.template import Template
from hwsearch.trial import always_fails, probes

TEMPLATE = """
import keras, numpy as np
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 8}
kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["a", "b", "c"]}
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.0, "max": 0.5}
x_train, y_train = np.ones((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 4
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""
PLACE = "keras_model/network_def.py"


def fails(tmp_path, text, reason, **others):
    template = Template.parse(text)
    return always_fails(template, tmp_path / "network_def.py", 0, reason, scored=True, **others)


def test_values_in_the_middle_and_at_both_ends():
    assert probes(Template.parse(TEMPLATE)) == [
        {"units": 4, "kind": "b", "rate": 0.25},
        {"units": 1, "kind": "a", "rate": 0.0},
        {"units": 8, "kind": "c", "rate": 0.5},
    ]


@pytest.mark.parametrize(
    ("changes", "reason", "always"),
    [
        (("", ""), "", True),
        (("batch_size = x", "size = x"), "names", True),
        (("x_train, y_train =", "import no_such_module\nx_train, y_train ="), "module", True),
        (("model.compile", "if kind == 'a': raise ValueError(1)\nmodel.compile"), "value", False),
        (("model.compile", "raise ValueError(f'units {units}')\nmodel.compile"), "value", False),
    ],
)
def test_only_what_fails_everywhere_in_the_same_way(tmp_path, changes, reason, always):
    reasons = {
        "": "",
        "names": f"{PLACE}: the script does not call model.fit and does not define batch_size; "
        "without fit, it must define model, x_train, y_train, x_test, y_test, batch_size "
        "(optional: x_val and y_val); with a training loop of its own: model, "
        "train(model, epochs) and evaluate(model)",
        "value": f"{PLACE}:9: ValueError: 1",
    }
    text = TEMPLATE.replace(*changes) if changes[0] else TEMPLATE
    if reason == "module":
        import importlib

        from hwsearch.network.errors import explained

        with pytest.raises(ImportError) as caught:
            importlib.import_module("no_such_module")
        reasons["module"] = f"{PLACE}:6: {explained(caught.value)}"
    assert fails(tmp_path, text, reasons[reason]) is always


def test_a_loss_that_fails_in_training_is_found(tmp_path):
    text = TEMPLATE.replace("keras.losses.SparseCategoricalCrossentropy(from_logits=True)", "loss")
    text = text.replace(
        "model.compile", "def loss(a, b):\n    raise TypeError('a loss')\nmodel.compile"
    )
    reason = f"{PLACE}:10: training failed in epoch 1: TypeError: a loss"
    assert fails(tmp_path, text, reason)


def test_rows_are_held_out_as_in_a_job(tmp_path):
    text = TEMPLATE + (
        "def batches():\n    while True:\n        yield x_train, y_train\n"
        "model.fit(batches(), steps_per_epoch=2, validation_data=(x_train, y_train))\n"
    )
    assert fails(tmp_path, text, "")  # "" is the reason of a network that does not fail
    assert not fails(tmp_path, text, "", validation_split=0.5)

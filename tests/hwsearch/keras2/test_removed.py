"""Spellings that Keras 3 cannot run, found without running the script."""

from __future__ import annotations

import pytest

from hwsearch.keras2 import removed_spellings
from hwsearch.template.template import Template, TemplateError

OLD = """from keras.models import Sequential, Model
from keras.layers import Dense, Dropout, merge
from keras.layers.convolutional import Convolution2D
from keras import layers
model = Sequential()
model.add(Convolution2D(32, 3, 3, border_mode="same", subsample=(2, 2)))
model.add(Dropout(p=0.5))
def head():
    return layers.TimeDistributedDense(3)
head()
Model(input=a, output=b)
"""


def test_all_are_found_at_once():
    found = [(line, text.partition(" of Keras")[0]) for line, text in removed_spellings(OLD)]
    assert found == [
        (2, "got merge"),
        (6, "got Convolution2D(border_mode=)"),
        (6, "got Convolution2D(subsample=)"),
        (7, "got Dropout(p=)"),
        (9, "got TimeDistributedDense"),
        (11, "got Model(input=, output=)"),
    ]


@pytest.mark.parametrize(
    "script",
    [
        "from keras.layers import Dense\nDense(3, kernel_initializer='uniform')",
        "from mine import Dense\nDense(3, init='uniform')",
        "from keras.layers import Dense\ndef Dense(*a, **k): pass\nDense(3, init='uniform')",
        "import keras\nif keras.__version__ < '2':\n    keras.layers.Dense(3, init='uniform')",
        "import keras\ntry:\n    keras.layers.Dense(3, init='x')\nexcept TypeError:\n    pass",
        "import keras\ndef never():\n    keras.layers.Dense(3, init='x')",
        "import keras\nkeras.layers.Embedding(9, output_dim=3)\nkeras.Model(inputs=1, outputs=2)",
        "from keras.layers import *\nDense(3, init='x')",
    ],
)
def test_what_may_run_is_left_alone(script):
    assert removed_spellings(script) == []


def test_in_main_and_with_tensorflow():
    script = (
        "import tensorflow as tf\nfrom tensorflow.keras import layers as L\n"
        "def main():\n    tf.keras.layers.Dense(3, init='x')\n    L.LSTM(3, inner_init='y')\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    assert [line for line, _ in removed_spellings(script)] == [4, 5]


def test_a_template_names_them_all_with_its_lines():
    text = (
        "from keras.layers import Dense, Dropout\n"
        'Dense(HYPERPARAM{"type": "INT",\n"token": "u", "min": 1, "max": 2}, init="uniform")\n'
        "Dropout(p=0.5)\n"
    )
    with pytest.raises(TemplateError) as caught:
        Template.parse(text, "net.py")
    assert caught.value.faults == [
        "net.py:2: got Dense(init=) of Keras 1 or 2, which Keras 3 cannot run; expected "
        "kernel_initializer=",
        "net.py:4: got Dropout(p=) of Keras 1 or 2, which Keras 3 cannot run; expected rate=",
    ]

from __future__ import annotations

import pytest

from hwsearch import keras2


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("SGD(lr=0.1)", True),
        ("SGD(0.1, decay = 1e-6)", True),
        ("from keras.layers.core import Dense", True),
        ("from keras.utils import np_utils", True),
        ("Adam(epsilon=None)", True),
        ("model.compile(SGD(0.1, momentum=0.9), 'mse', ['mae'])", True),
        ("model.compile('sgd', 'mse', metrics=['mae'])", False),
        ("from keras import backend as K", True),
        ("from keras.losses import binary_crossentropy, mse", True),
        ("model.compile('sgd', 'mse')  # losses", False),
        ("m.fit(g, steps_per_epoch=len(x) / 32)", True),
        ("m.fit(g, steps_per_epoch=len(x) // 32)", False),
        ("m.fit(g, workers=4)", True),
        ("ModelCheckpoint('best.hdf5')", True),
        ("EarlyStopping(monitor='val_acc')", True),
        ("EarlyStopping(monitor='val_accuracy')", False),
        ("LSTM(4, batch_input_shape=(1, 2, 3))", True),
        ("SGD(0.1, weight_decay=0.1)  # pooling, core", False),
    ],
)
def test_which_scripts_may_need_it(script, needed):
    assert keras2.may_need(script) is needed


def test_old_spellings_are_found_without_running():
    script = (
        "from keras.layers.core import Dense, Dropout\n"
        "x = keras.optimizers.SGD(lr=0.1,\n  decay=1e-6, momentum=0.9)\n"
        "y = Adam(lr=x), dict(lr=3), keras.optimizers.Adam(learning_rate=1)\n"
        "import no_such_module\n"
    )
    assert keras2.old_spellings(script) == [
        (
            1,
            "keras.layers.core does not exist in Keras 3; "
            "write: from keras.layers import Dense, Dropout",
        ),
        (
            2,
            "SGD(lr=, decay=) is the Keras 2 spelling; in Keras 3: "
            "learning_rate=keras.optimizers.schedules.InverseTimeDecay(...)",
        ),
        (4, "Adam(lr=) is the Keras 2 spelling; in Keras 3: learning_rate="),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "model.compile('adadelta', 'mse')",
            "'adadelta' trains at Keras 3's default learning rate of 0.001; Keras 2's was 1:",
        ),
        (
            "opt = keras.optimizers.Adamax()",
            "Adamax() trains at Keras 3's default learning rate of 0.001; Keras 2's was 0.002:",
        ),
        ("Nadam(decay=1e-6)", "(Keras 2's default rate is used: 0.002; Keras 3's is 0.001)"),
        ("Adagrad(epsilon=None)", "(Keras 2's default rate is used: 0.01; Keras 3's is 0.001)"),
        ("Adam(epsilon=None)", "in Keras 3: leave epsilon out"),
        ("keras.optimizers.rmsprop(0.1)", "in Keras 3: RMSprop"),
        ("model.compile('sgd', 'mse', ['mae'])", "model.compile(optimizer, loss, metrics=[...])"),
        ("from keras.optimizers import adam", "in Keras 3: Adam"),
        (
            "from tensorflow.keras.optimizers.legacy import Adam",
            "in Keras 3: from keras.optimizers import Adam",
        ),
        ("tf.keras.optimizers.legacy.Adam()", "in Keras 3: from keras.optimizers import Adam"),
        ("model.fit_generator(g)", "in Keras 3: model.fit("),
        ("from keras.preprocessing.image import ImageDataGenerator", "it still works"),
        ("Convolution2D(32, 3, 3)", "write: Conv2D(n, (rows, columns))"),
    ],
)
def test_one_message_per_line(line, said):
    [(number, text)] = keras2.old_spellings(f"\n{line}\n")
    assert number == 2
    assert said in text


@pytest.mark.parametrize(
    "text",
    [
        "Adadelta(1.0), Adadelta(learning_rate=1.0), Adamax(**options), Adam()",
        "model.compile('sgd'); Conv2D(32, 3, 3)",
        "x = {'adadelta': Adadelta(1.0)}[name]; y = x if name == 'adamax' else names['nadam']",
        "from tensorflow import keras\nkeras.optimizers.Adadelta()",
        "import tensorflow as tf\nm.compile(tf.keras.optimizers.Nadam())",
    ],
)
def test_nothing_to_say(text):
    assert keras2.old_spellings(text) == []


def test_options_that_name_optimisers():
    [said] = keras2.old_options(["sgd", "Adadelta", 3, True])
    assert said.startswith("'Adadelta' trains at Keras 3's default learning rate of 0.001;")


@pytest.mark.parametrize(
    "script",
    [
        "from keras.optimizers.legacy import Adam",
        "from keras.optimizers import SGD, rmsprop",
        "keras.optimizers.rmsprop()",
        "m.fit_generator(g)",
        "from keras.preprocessing.image import ImageDataGenerator",
        "tf.keras.layers.experimental.preprocessing.RandomFlip()",
    ],
)
def test_scripts_that_need_it(script):
    assert keras2.may_need(script)


def test_optimisers_of_torch_are_not_meant():
    assert keras2.old_spellings("torch.optim.Adam(p, lr=1)\noptim.SGD(p, lr=0.1)\n") == []

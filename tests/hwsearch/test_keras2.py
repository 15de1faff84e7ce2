from __future__ import annotations

import sys

import numpy as np
import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


@pytest.fixture(scope="module", autouse=True)
def installed():
    keras2.install()
    keras2.install()  # a second time: nothing happens


@pytest.mark.parametrize("name", keras2.OPTIMIZERS)
def test_lr_and_decay_mean_the_same_as_in_keras_2(name, capsys):
    make = getattr(keras.optimizers, name)
    optimiser = make(lr=0.02, decay=0.5)
    schedule = optimiser._learning_rate
    for iterations in (0, 1, 2, 7, 1000):
        assert float(schedule(iterations)) == pytest.approx(0.02 / (1 + 0.5 * iterations))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "InverseTimeDecay(0.02, decay_steps=1, decay_rate=0.5)" in said
    assert f"{name}(learning_rate=" in said


def test_readme_example_of_the_original_trains_with_the_decayed_rate():
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
    )
    model.compile(keras.optimizers.SGD(lr=0.1, decay=1.0), loss="mae")
    model.fit(np.ones((3, 1)), np.full((3, 1), 100.0), batch_size=1, epochs=1, verbose=0)
    # The gradient is -1 at each of three steps: 0.1 / 1 + 0.1 / 2 + 0.1 / 3.
    assert model.get_weights()[0].item() == pytest.approx(0.1 + 0.05 + 0.1 / 3, rel=1e-5)


def test_decay_alone_keeps_the_given_rate(capsys):
    schedule = keras.optimizers.RMSprop(0.003, decay=1.0)._learning_rate
    assert float(schedule(0)) == pytest.approx(0.003)
    assert float(schedule(1)) == pytest.approx(0.0015)
    assert "RMSprop(decay=1.0)" in capsys.readouterr().err


def test_decay_alone_keeps_the_default_rate():
    assert float(keras.optimizers.Adam(decay=1.0)._learning_rate(1)) == pytest.approx(0.0005)


def test_a_full_keras_2_adam(capsys):
    adam = keras.optimizers.Adam(lr=0.001, beta_1=0.8, epsilon=None, decay=0.0, amsgrad=True)
    assert float(adam.learning_rate) == pytest.approx(0.001)
    assert (adam.epsilon, adam.beta_1, adam.amsgrad) == (1e-7, 0.8, True)
    assert "Adam(learning_rate=0.001)" in capsys.readouterr().err


def test_the_keras_3_spelling_is_not_reported(capsys):
    keras.optimizers.SGD(0.1, momentum=0.9)
    keras.optimizers.Adam(learning_rate=0.1, weight_decay=0.01)
    assert capsys.readouterr().err == ""


def test_subclasses_accept_lr_too():
    class Own(keras.optimizers.SGD):
        pass

    assert float(Own(lr=0.25).learning_rate) == 0.25


@pytest.mark.parametrize("arguments", [{"learning_rate": 0.1}, {}])
def test_two_learning_rates_are_refused(arguments):
    positional = () if arguments else (0.1,)
    with pytest.raises(
        TypeError, match=r"SGD: got lr=0\.2 and learning_rate=0\.1; expected only one"
    ):
        keras.optimizers.SGD(*positional, lr=0.2, **arguments)


def test_decay_of_a_schedule_is_refused():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    with pytest.raises(
        TypeError, match=r"decay=0\.1 with learning_rate=ExponentialDecay; expected"
    ):
        keras.optimizers.SGD(schedule, decay=0.1)


def test_unknown_arguments_are_still_refused():
    with pytest.raises(ValueError, match="learn_rate"):
        keras.optimizers.SGD(lr=0.1, learn_rate=0.2)


@pytest.mark.parametrize("module", keras2.MOVED_MODULES)
def test_moved_modules_have_only_the_names_of_the_new_ones(module):
    with pytest.raises(AttributeError, match="NoSuchThing"):
        _ = sys.modules[module].NoSuchThing


def test_old_imports(capsys):
    from keras.layers.core import Dense
    from keras.layers.normalization import BatchNormalization
    from keras.utils import np_utils

    assert Dense is keras.layers.Dense
    assert BatchNormalization is keras.layers.BatchNormalization
    assert np_utils.to_categorical([1], 2).tolist() == [[0, 1]]
    assert "from keras.layers import BatchNormalization" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: keras.layers.Conv2D(4, 3, border_mode="same"), "padding="),
        (lambda: keras.layers.Conv2D(4, 3, subsample=2), "strides="),
        (lambda: keras.layers.Dense(4, init="uniform"), "kernel_initializer="),
    ],
)
def test_remedies_for_arguments_that_cannot_work(make, hint):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert hint in keras2.remedy(str(caught.value))


def test_no_remedy_for_other_messages():
    assert keras2.remedy("bias is wrong: 'units'") == ""


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("SGD(lr=0.1)", True),
        ("SGD(0.1, decay = 1e-6)", True),
        ("from keras.layers.core import Dense", True),
        ("from keras.utils import np_utils", True),
        ("Adam(epsilon=None)", True),
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

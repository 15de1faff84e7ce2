from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


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


def test_arguments_by_position_stay_where_they_are():
    sgd = keras.optimizers.SGD(0.5, 0.9, decay=1.0, nesterov=True)
    assert float(sgd._learning_rate(1)) == pytest.approx(0.25)
    assert (sgd.momentum, sgd.nesterov) == (0.9, True)
    adam = keras.optimizers.Adam(0.5, 0.8, 0.99, epsilon=None)
    assert float(adam.learning_rate) == 0.5
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.8, 0.99, 1e-7)


def test_decay_alone_keeps_the_default_rate():
    assert float(keras.optimizers.Adam(decay=1.0)._learning_rate(1)) == pytest.approx(0.0005)


def test_a_full_keras_2_adam(capsys):
    adam = keras.optimizers.Adam(lr=0.001, beta_1=0.8, epsilon=None, decay=0.0, amsgrad=True)
    assert float(adam.learning_rate) == pytest.approx(0.001)
    assert (adam.epsilon, adam.beta_1, adam.amsgrad) == (1e-7, 0.8, True)
    assert "Adam(learning_rate=0.001)" in capsys.readouterr().err


def test_callbacks_may_read_and_set_lr(capsys):
    sgd = keras.optimizers.SGD(0.5)
    assert float(sgd.lr) == 0.5
    sgd.lr = 0.25
    assert float(sgd.learning_rate) == 0.25
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("test_optimizers.py:")
    assert said[0].endswith("in Keras 3: optimizer.learning_rate")


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


@pytest.mark.parametrize(
    ("name", "rate"), [("Adadelta", 1.0), ("Adagrad", 0.01), ("Adamax", 0.002), ("Nadam", 0.002)]
)
@pytest.mark.parametrize("old", [{"decay": 0.5}, {"epsilon": None}, {"decay": 0.0}])
def test_a_call_of_keras_2_has_keras_2s_default_rate(name, rate, old, capsys):
    made = getattr(keras.optimizers, name)(**old)
    rate_at = made._learning_rate if old.get("decay") else lambda _: made.learning_rate
    assert float(rate_at(0)) == pytest.approx(rate)
    said = capsys.readouterr().err
    assert f"{rate}" in said
    assert "Keras 3's is 0.001" in said


def test_schedule_decay_too(capsys):
    made = keras.optimizers.Nadam(schedule_decay=0.004)
    assert float(made.learning_rate) == pytest.approx(0.002)


@pytest.mark.parametrize(
    "make", [keras.optimizers.Adadelta, lambda: keras.optimizers.get("adadelta")]
)
def test_a_default_rate_that_has_changed_is_reported_with_both(make, capsys):
    assert float(make().learning_rate) == pytest.approx(0.001)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Adadelta() trains at Keras 3's default learning rate of 0.001; Keras 2's was 1" in said
    assert "test_optimizers.py:" in said


@pytest.mark.parametrize(
    "call",
    [
        "Adadelta(learning_rate=1.0)",
        "Adadelta(0.1)",
        "get({'class_name': 'Adadelta', 'config': {'learning_rate': 0.5}})",
    ],
)
def test_a_rate_that_is_stated_is_not_reported(call, capsys):
    eval(f"keras.optimizers.{call}")
    assert capsys.readouterr().err == ""


def test_rates_of_tensorflow_2_were_keras_3s_already(tmp_path, capsys):
    script = tmp_path / "net.py"
    of_tensorflow = ".".join(("tensorflow", "keras"))  # not in the text of this file
    script.write_text(
        "import keras as _keras\n"
        f"from {of_tensorflow}.optimizers import Adadelta\nmade = Adadelta(decay=0.5)\n"
    )
    names: dict[str, Any] = {}
    pytest.importorskip("tensorflow")
    exec(compile(script.read_text(), str(script), "exec"), names)
    assert float(names["made"]._learning_rate(0)) == pytest.approx(0.001)
    assert "Keras 2's default rate" not in capsys.readouterr().err

"""A training in segments, in one process; tests/backends has more kinds, on each backend."""

from __future__ import annotations

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.network import Network
from hwsearch.pausing.callbacks import OneTraining
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.obstacles import obstacle
from hwsearch.pausing.segment import Segment, _training_seconds
from hwsearch.pausing.state import State
from tests.hwsearch.network.scripts import BEFORE, MODEL

FIT = """
class Watch(keras.callbacks.Callback):
    calls = []
    def on_train_begin(self, logs=None):
        self.calls.append("begin")
    def on_train_end(self, logs=None):
        self.calls.append(("end", self.params["epochs"]))
watch = Watch()
model.fit(x, y, epochs=4, callbacks=[watch], verbose=0)
"""


@pytest.fixture
def script():
    return FIT


@pytest.fixture
def network(tmp_path, script):
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(BEFORE + MODEL + script)
    return lambda: Network.from_script(path, 1)


@pytest.fixture
def trained(network):
    """Trains a new network of the script; returns its result, its segment and it."""

    def train(until, keep=lambda _: None, state=None):
        made = network()
        assert obstacle(made) == ""
        made.fitting = segment = Segment(7, until, keep, {"job": 1}, {"known": "x"}, state)
        return made.train(None, 7, say=lambda _: None), segment, made

    return train


def test_a_pause_gives_the_state(trained, tmp_path):
    states: list[State] = []
    result, segment, made = trained(2, states.append)
    assert segment.paused
    assert (result.epochs, result.kept_epoch) == (2, 0)
    [state] = states
    assert (state.epoch, state.planned, state.before) == (2, 4, {"known": "x"})
    path = tmp_path / "state"
    path.write_bytes(state.to_bytes())
    assert State.read(path, {"job": 2}) is None
    path.with_suffix(".cut").write_bytes(state.to_bytes()[:-100])
    assert State.read(path.with_suffix(".cut"), {"job": 1}) is None
    assert State.read(tmp_path / "none", {"job": 1}) is None

    watch = made.plan.callbacks[0]
    assert watch.calls == ["begin"]  # it has not ended
    whole, segment, made = trained(4)
    assert not segment.paused
    assert made.plan.callbacks[0].calls == ["begin", ("end", 4)]
    last, segment, made = trained(4, state=State.read(path, {"job": 1}))
    assert segment.state is not None
    assert made.plan.callbacks[0].calls == ["begin", ("end", 4)]
    assert (last.history, last.kept_epoch) == (whole.history, whole.kept_epoch)
    assert len(last.history["loss"]) == 4


REMEMBERS = """
class Sum(keras.losses.Loss):
    def __init__(self):
        super().__init__()
        self.weight = keras.Variable(1.0)
    def call(self, y_true, y_pred):
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred) * self.weight
class Watch(keras.callbacks.Callback):
    means = []
    def __init__(self):
        super().__init__()
        self.mean, self.sums = keras.metrics.Mean(), [keras.Variable(0.0)]
    def on_train_begin(self, logs=None):
        self.slow = make()
    def on_epoch_end(self, epoch, logs=None):
        self.mean.update_state(logs["loss"])
        self.sums[0].assign(self.sums[0] + logs["loss"])
        self.slow.set_weights([(a + b) / 2 for a, b in zip(self.slow.get_weights(), self.model.get_weights())])
        self.means.append(float(self.mean.result()))
        kept.assign(kept * 2)
        self.model.loss.weight.assign(self.model.loss.weight * 0.5)
        logs["sums"] = float(self.sums[0]) + sum(self.means) + float(kept)
        logs["slow"] = float(sum(a.sum() for a in self.slow.get_weights()))
kept = keras.Variable(1.0)
model.compile("sgd", Sum(), run_eagerly=True)
model.fit(x, y, epochs=4, callbacks=[Watch(), keras.callbacks.CSVLogger("log.csv")], verbose=0)
"""  # noqa: E501 - a script in the style of what people have


@pytest.mark.parametrize("script", [REMEMBERS], ids=["variables"])
def test_callbacks_losses_and_the_script_go_on_with_their_variables(trained, tmp_path):
    log = tmp_path / "00000001_files" / "log.csv"
    whole, _, _ = trained(4)
    rows = log.read_bytes()
    states: list[State] = []
    _, _, made = trained(2, states.append)
    made.plan.callbacks[1].on_train_end()  # closes the file, as the end of its process does
    log.write_bytes(log.read_bytes() + b"2,a row of a process that was killed")
    (tmp_path / "state").write_bytes(states[0].to_bytes())
    last, segment, _ = trained(4, state=State.read(tmp_path / "state", {"job": 1}))
    assert segment.state is not None
    assert last.history == whole.history
    assert len(set(whole.history["slow"])) == 4
    assert log.read_bytes() == rows


def test_what_cannot_be_kept_is_trained_to_its_end(trained):
    asked = []

    def refuse(state):
        asked.append(state.epoch)
        raise CannotPauseError("it is Sunday")

    result, segment, _ = trained(1, refuse)
    assert (segment.paused, segment.obstacle, asked) == (False, "it is Sunday", [1])
    assert (result.epochs, len(result.history["loss"])) == (4, 4)
    assert result.kept_epoch


def test_the_state_of_another_model_is_not_used(trained):
    states: list[State] = []
    trained(2, states.append)
    states[0].variables.pop()
    result, segment, _ = trained(4, state=states[0])
    assert segment.state is None
    assert len(result.history["loss"]) == 4


def test_the_time_of_a_single_epoch_is_without_the_steps_that_compile():
    training = OneTraining([], keras.Sequential(), 8, lambda: None)
    assert _training_seconds(training, [9.0]) == 0.0, "it had no step"
    training.first_step_end, training.first_validation_s = 4.0, 3.0
    assert _training_seconds(training, [9.0]) == 2.0
    assert _training_seconds(training, [9.0, 10.5, 12.0]) == 3 * 1.5, "the others say how long"

"""`python -m hwsearch.finish`, from a run's files to trained networks."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys

import numpy as np
import pytest

from hwsearch.errors import UserError
from hwsearch.evaluation import evaluate
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.finished import Finished
from hwsearch.experiment.run_lock import run_lock
from hwsearch.finish.__main__ import run
from hwsearch.network.loading import load
from hwsearch.template import Template

TEMPLATE = """
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(96, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int)
x_test, y_test = x[:32], y[:32]
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 9}
inputs = keras.Input((4,))
hidden = keras.layers.Dense(units)(inputs)
model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, y, epochs=1, batch_size=16)
"""
NAME = "run-1"


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    """A run of one job, its best."""
    experiment = Experiment(tmp_path_factory.mktemp("finish"))
    experiment.template.parent.mkdir()
    experiment.template.write_text(TEMPLATE, encoding="utf-8")
    experiment.prepare()
    template = Template.from_file(experiment.template)
    experiment.save_template(template)
    settings = Settings(NAME, "error")
    experiment.save_settings(settings)
    evaluate(experiment, settings, template, 1, {"units": np.array([3])})
    return experiment


@pytest.fixture
def experiment(finished_run, tmp_path):
    shutil.copytree(finished_run.folder, tmp_path / "copy")
    return Experiment(tmp_path / "copy")


def test_trainings_are_kept_loaded_and_not_repeated(experiment, capsys):
    folder = str(experiment.folder)
    assert run([folder, "--repeats", "2"]) == 0
    text = capsys.readouterr().out
    assert "job 1, trained 2 times with seeds that the search did not use\n" in text
    assert "in the search: " in text
    place = Finished.of(experiment, NAME, 1, None, False)
    first, second = place.repeat(1), place.repeat(2)
    assert first.seed != second.seed != experiment.best(NAME).seed
    assert first.loss != second.loss
    model = load(place.script(1), place.weights(1))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(96, 4)).astype("float32")[:32]
    wrong = model.predict(x, verbose=0).argmax(-1) != (x[:, 0] > 0)
    assert first.test_error == pytest.approx(100 * wrong.mean())

    before = {path: path.read_bytes() for path in place.folder.glob("1*")}
    place.record(2).unlink()  # as if it had been killed
    assert run([folder, "--repeats", "2"]) == 0
    assert "training 1 of 2: done before\ntraining 2 of 2:\n" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in place.folder.glob("1*")} == before
    assert (place.repeat(2).loss, place.repeat(2).metrics) == (second.loss, second.metrics)


def test_on_all_data_for_longer(experiment, capsys):
    assert run([str(experiment.folder), "--all_data", "--epochs", "2", "--repeats", "1"]) == 0
    place = Finished.of(experiment, NAME, 1, 2, True)
    repeat = place.repeat(1)
    assert (repeat.epochs, repeat.kept_epoch) == (2, 2)
    assert np.isfinite(repeat.test_error)
    assert "error" not in repeat.metrics
    assert "trained once" in capsys.readouterr().out


OWN_STEP = """
class Own(keras.Model):
    def train_step(self, data):
        return {"mae": super().train_step(data)["loss"]}


model = Own("""


def test_a_train_step_without_a_loss_can_train_on_all_data(experiment, capsys):
    script = experiment.rendered(1)
    script.write_text(script.read_text().replace("model = keras.Model(", OWN_STEP.lstrip()))
    assert run([str(experiment.folder), "--all_data", "--repeats", "1"]) == 0
    repeat = Finished.of(experiment, NAME, 1, None, True).repeat(1)
    assert (repeat.reason, repeat.kept_epoch) == ("", 1)
    assert np.isnan(repeat.loss)
    assert "  best: training 1, as no loss is known\n" in capsys.readouterr().out


def test_faults_are_one_line(experiment, tmp_path):
    folder = str(experiment.folder)
    with pytest.raises(UserError, match=r"^--job: got 7: .*; expected a job of the latest run"):
        run([folder, "--job", "7"])
    with run_lock(experiment), pytest.raises(UserError, match="another run is active"):
        run([folder])
    experiment.best_file.unlink()
    with pytest.raises(UserError, match="no network of this run met the budget; expected --job N"):
        run([folder])
    script = experiment.rendered(1)
    script.write_text(script.read_text().replace("units = ", "units = 1 / 0 * "))
    with pytest.raises(UserError, match=r"^keras_model/network_def.py:9: ZeroDivisionError"):
        run([folder, "--job", "1"])
    experiment.settings_file.unlink()
    with pytest.raises(UserError, match="no run; expected one that has finished"):
        run([folder])


class _Reader(io.StringIO):
    """Stops reading at the first epoch."""

    def write(self, text: str) -> int:
        if "epoch" in text:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        return super().write(text)


def test_a_reader_that_has_gone_is_no_fault_of_the_script(experiment, monkeypatch):
    monkeypatch.setattr(sys, "stdout", _Reader())
    with pytest.raises(BrokenPipeError):
        run([str(experiment.folder), "--repeats", "1"])

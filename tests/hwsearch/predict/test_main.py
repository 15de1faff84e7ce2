"""Predictions for scripts."""

from __future__ import annotations

import dataclasses

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.settings import Settings
from hwsearch.network.program import rendered_script
from hwsearch.network_records import platform_here
from hwsearch.predict.__main__ import run
from hwsearch.predicting.store import Store
from tests.hwsearch.predicting.samples import records

SCRIPT = """
import keras
import numpy as np

x_train, y_train = np.zeros((40, 8, 8, 1), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 8
model = keras.Sequential(
    [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
)
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path / "an experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text('units = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 2}')
    for one in records(6, platform=platform_here()):
        Store(made.hardware).keep(one)
    return made


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def test_a_script_of_ones_own(experiment, script, capsys):
    assert run([str(script), "--experiment", str(experiment.folder)]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{script}\ncounted: 130 parameters, 128 MACs/image, 0.5 KiB of weights")
    assert "in batches of 32 images:\n" in text  # as the profiles
    assert "\nruntime: " in text
    run([str(script), "--experiment", str(experiment.folder), "--batch_size", "4"])
    assert "in batches of 4 images:\n" in capsys.readouterr().out


def test_the_best_network_of_a_run(experiment, capsys):
    with pytest.raises(UserError, match=r"--job: got nothing, and .* has no best network"):
        run([str(experiment.folder)])
    text = rendered_script.standalone(SCRIPT, home=experiment.template, seed=0, title="job 7")
    experiment.rendered(7).write_text(text, encoding="utf-8")
    experiment.save_settings(Settings("the run", "error"))
    experiment.save_best(BestNetwork("the run", 7, "error", 5.0, {"error": 5.0}))
    for arguments in ([], ["--job", "7"]):
        run([str(experiment.folder), *arguments])
        assert capsys.readouterr().out.startswith(f"{experiment.rendered(7)}\ncounted: 130 param")
    run([str(experiment.rendered(7))])  # in its experiment
    assert "predicted for" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere.py"], "SCRIPT: got nowhere.py, which does not exist"),
        (["{script}"], "--experiment: got nothing, and .*net.py is not in an experiment"),
        (["{script}", "--job", "3"], "--job: given with a script"),
        (["{template}"], r"network_def.py:\d+: got invalid Python \([^<]*\); .*without HYPERPARAM"),
    ],
)
def test_faults(experiment, script, words, text):
    places = {"script": script, "template": experiment.template}
    with pytest.raises(UserError, match=text):
        run([word.format(**places) for word in words])


def test_networks_of_another_experiment(experiment, script, tmp_path, capsys):
    mine = Experiment(tmp_path / "mine")
    mine.template.parent.mkdir(parents=True)
    mine.template.write_text("", encoding="utf-8")
    where = ["--experiment", str(mine.folder)]
    with pytest.raises(UserError, match="--learn_costs_from with an experiment that has some"):
        run([str(script), *where])
    assert run([str(script), *where, "--learn_costs_from", str(experiment.folder)]) == 0
    text = capsys.readouterr().out
    assert "from 6 networks of other templates, 0 of this one" in text
    assert not mine.hardware.exists()


def test_profiles_of_another_device_do_not_count(experiment, script):
    for path in (experiment.hardware / "profiles").iterdir():
        path.unlink()
    for one in records(6, platform=dataclasses.replace(platform_here(), name="Another")):
        Store(experiment.hardware).keep(one)
    with pytest.raises(UserError, match=r"no profiles on .*some of Another "):
        run([str(script), "--experiment", str(experiment.folder)])

"""An experiment that an earlier version has left on disk, before the modules moved into packages.

The files in `earlier_version` were written by commit b99f762; only the paths were changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.template import Template
from spearmint import config

ROOT = Path(__file__).resolve().parents[2]
FILES = Path(__file__).with_name("earlier_version")
PARAMS = {"units": [7], "base_lr_base": [1]}


@pytest.fixture
def experiment(tmp_path):
    """The experiment as it was saved."""
    found = Experiment(tmp_path / "tiny")
    found.prepare()
    shutil.copy(FILES / "template.json", found.template_file)
    shutil.copy(FILES / "settings.json", found.tmp)
    shutil.copy(FILES / "config.json", found.spearmint_dir)
    shutil.copy(FILES / "job_script.txt", found.rendered(2))
    return found


@pytest.fixture
def template(experiment):
    return Template.from_json(json.loads(experiment.template_file.read_text(encoding="utf-8")))


def test_its_job_script_runs_on_its_own(experiment):
    done = subprocess.run(
        [sys.executable, str(experiment.rendered(2))],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert (
        "00000002_keras_net.py:33: SGD(lr=0.1, decay=0.001) is the Keras 2 spelling" in done.stderr
    )
    assert "00000002_keras_net.py:17: keras.layers.core does not exist in Keras 3" in done.stderr


def test_its_job_script_is_still_a_network(experiment):
    network = Network.from_script(experiment.rendered(2), seed=1)
    assert network.model.layers[0].units == 14
    assert network.train(1, seed=1, say=lambda _: None).epochs == 1


def test_its_template_renders_to_the_same_lines(experiment, template):
    script = experiment.rendered(2).read_text(encoding="utf-8")
    rendered = template.render(PARAMS)
    assert script.endswith(rendered.partition("annotations\n")[2])
    again = rendered_script.standalone(
        rendered, home=Path("/home/user/tiny/keras_model/network_def.py"), seed=1, title="job 2"
    )
    assert again.splitlines()[-len(rendered.splitlines()) + 2 :] == rendered.splitlines()[2:]


def test_lines_of_its_job_script_are_those_of_the_template(experiment, template):
    error = UserError("00000002_keras_net.py:33: ValueError: wrong")
    text = rendered_script.in_template(error, experiment.rendered(2), template)
    assert text == "keras_model/network_def.py:21: ValueError: wrong"


def test_its_settings_and_configuration_are_read(experiment):
    settings = experiment.load_settings()
    assert settings.experiment_name == "hyperpower-20261125-120000"
    assert settings.constraints == {"params": 1000.0}
    assert config.load(experiment.spearmint_dir, files=False).experiment == settings.experiment_name

"""Profiling networks: the command line, and what survives a kill."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.calibration import profiling
from hwsearch.calibration.builders import Built
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch import child_process
from hwsearch.launch.command.request import Request
from hwsearch.launch.profiling import profile
from hwsearch.predicting.store import Store
from tests.hwsearch.predicting.samples import HERE, records

ROOT = Path(__file__).resolve().parents[4]
TEMPLATE = """
import keras
import numpy as np

units = HYPERPARAM{"type": "INT", "token": "units", "transform": "LOG2", "min": 2, "max": 9}
x_train, y_train = np.zeros((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 8
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path / "an experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE, encoding="utf-8")
    return made


def started(experiment, count):
    command = [sys.executable, "-u", str(ROOT / "gener_experiment.py")]
    command += ["--experiment", str(experiment.folder), "--profile", str(count)]
    command += ["--profile_time_limit", "0.3"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


@pytest.mark.slow
def test_a_killed_command_continues_where_it_was(experiment):
    with started(experiment, 3) as first:
        for line in first.stdout:
            if line.startswith("profile 1/4: runtime"):
                break
        first.send_signal(signal.SIGKILL)
        first.stdout.read()  # until all processes of the first command have ended
    kept = len(Store(experiment.hardware).records())
    assert kept >= 1
    with started(experiment, 3) as second:
        text = second.stdout.read()
    assert second.returncode == 0, text
    new = "1 new profile" if kept == 3 else f"{4 - kept} new profiles"
    assert f"{new}, {kept} from before" in text
    records = Store(experiment.hardware).records()
    assert len(records) == 4
    assert len({one.signature for one in records}) == 3  # one of them was measured twice
    assert re.search(r"^runtime +(constant|non-negative|paper) +\d+\.\d %", text, re.MULTILINE)
    assert not experiment.settings_file.exists()  # no run


def test_faults_of_the_program():
    with pytest.raises(UserError) as caught:
        profile.run(["--profile", "nowhere", "--networks", "none"])
    assert str(caught.value) == "--networks: got 'none'; expected a whole number above 0"
    with pytest.raises(UserError, match="nowhere: no such folder"):
        profile.run(["--profile", "nowhere", "--networks", "3"])


def test_power_is_left_out_where_it_cannot_be_measured(monkeypatch, capsys):
    monkeypatch.setattr(profile, "chosen_meter", refused)
    assert profile._metered(Settings("run", "error")) == ()
    assert "note: power and energy are not measured: no sensor" in capsys.readouterr().out
    with pytest.raises(UserError, match="no sensor"):  # asked for by its name
        profile._metered(Settings("run", "error", meter="rapl"))
    with pytest.raises(UserError, match="no sensor"):  # the search needs it
        profile._metered(Settings("run", "error", {"power": 5.0}))


@pytest.mark.parametrize(
    ("asked", "failed", "expected"),
    [
        (2, 0, r"--profile: got 2; expected 3 or more, because a hardware model needs 3 different"),
        (20, 0, r"network_def.py: the profiled networks have 1 structure; expected 3 or more.*let"),
        (20, 5, r"have 1 structure; expected 3 or more, .*: see above why others could not be"),
    ],
)
def test_too_few_different_networks(experiment, monkeypatch, asked, failed, expected):
    def profiled(_experiment, _count, _metrics, **_):
        found = profiling.Profiling(HERE, measured=1)
        for number in range(failed):
            found.failures.add(Built(number, None, "it fails"))
        return found

    Store(experiment.hardware).keep(records(1)[0])
    monkeypatch.setattr(profiling, "profile_networks", profiled)
    with pytest.raises(UserError, match=expected):
        profile.run(["--profile", str(experiment.folder), "--networks", str(asked)])


def test_too_few_networks_are_refused_before_any_is_measured(experiment):
    settings, request = Settings("profile", "runtime"), Request(str(experiment.folder), profile=2)
    with pytest.raises(UserError, match=r"--profile: got 2; expected 3 or more"):
        profile.check(request, settings, experiment)
    Store(experiment.hardware).keep(records(1)[0])  # 2 more are enough
    profile.check(request, settings, experiment)


def refused(settings, needed):
    raise UserError("no sensor")


def test_a_process_that_is_ended_ends_the_command(experiment, monkeypatch):
    for status in (130, 143):
        monkeypatch.setattr(child_process.Forwarding, "run", lambda *_, status=status, **__: status)
        with pytest.raises(SystemExit) as caught:
            profile.first(Settings("run", "error"), experiment, 3)
        assert caught.value.code == status
    monkeypatch.setattr(child_process.Forwarding, "run", lambda *_, **__: 2)
    with pytest.raises(UserError, match="--profile: no hardware models were made"):
        profile.first(Settings("run", "error"), experiment, 3)
    assert [path.name for path in experiment.folder.iterdir()] == ["keras_model"]

"""Finding a budget: the command line, and how a run calls it."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from hwsearch.budget import AtLeast
from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch.profiling import calibrate
from tests.pseudo_terminal import CONTROL

HYPERPOWER = Path(__file__).resolve().parents[4] / "hyperpower.py"

TEMPLATE = """
import keras
import numpy as np

kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["plain", "fails"]}
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
x_train, y_train = np.zeros((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 8
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
if kind == "fails":
    raise RuntimeError("this kind cannot be built")
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path / "an experiment")
    made.template.parent.mkdir(parents=True)
    made.template.write_text(TEMPLATE, encoding="utf-8")
    return made


def run(capsys, *arguments):
    status = exit_status(
        lambda: calibrate.run([str(argument) for argument in arguments], isolated=False)
    )
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_share_becomes_a_bound(experiment, capsys):
    status, out, err = run(
        capsys,
        "--calibrate",
        experiment.folder,
        "--metrics",
        "params",
        "--share",
        25,
        "--samples",
        20,
    )
    assert status == 0
    found = json.loads(out)["params"]
    assert found == json.loads(experiment.calibration_file.read_text())["params"]
    below = sum(value < found["bound"] for value in found["samples"])
    assert below / len(found["samples"]) == pytest.approx(0.25, abs=0.1)
    assert "network 20/20" in err
    assert "10 networks could not be measured:" in err
    assert "10 times: keras_model/network_def.py:12: RuntimeError: this kind cannot be built" in err
    assert not list(experiment.tmp.glob("*.py"))


def test_the_same_seed_gives_the_same_networks(experiment, capsys):
    flags = ("--calibrate", experiment.folder, "--metrics", "macs", "--share", 50, "--samples", 6)
    outs = [
        json.loads(run(capsys, *flags, "--seed", seed)[1])["macs"]["samples"] for seed in (1, 1, 2)
    ]
    assert outs[0] == outs[1] != outs[2]


def test_measured_metrics_and_a_share_each(experiment, capsys):
    status, out, _ = run(
        capsys, "--calibrate", experiment.folder, "--metrics", "runtime", "params",
        "--share", 50, 90, "--samples", 4,
    )  # fmt: skip
    assert status == 0
    found = json.loads(out)
    assert found["runtime"]["share"] == 50
    assert found["params"]["share"] == 90
    assert all(value > 0 for value in found["runtime"]["samples"])


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--metrics", "error", "--share", 30), "--metrics: got 'error'; expected one of power,"),
        (("--metrics", ",", "--share", 30), "--metrics: got ','; expected one of power,"),
        (("--metrics", "runtme", "--share", 30), "macs; did you mean 'runtime'?"),
        (("--metrics", "params", "--share", 100), "--share: got '100'; expected a percentage"),
        (("--metrics", "params", "--share", 1, 2), "--share: got 2 for 1 metrics"),
        (("--metrics", "params", "--share", 30, "--samples", 1), "--samples: got '1'; expected a"),
        (("--metrics", "params", "--share", 30, "--seed", -1), "--seed: got '-1'; expected a"),
        (("--metrics", "params"), "--share: got nothing; expected a percentage"),
        (("--metrics", "params", "--share", 30, "--meters", "x"), "did you mean '--meter'?"),
    ],
)
def test_faults_are_one_line_and_status_2(flags, said, experiment, capsys):
    status, out, err = run(capsys, "--calibrate", experiment.folder, *flags)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_no_network_that_can_be_measured(experiment, capsys):
    experiment.template.write_text("raise OSError('no data')\n" + TEMPLATE, encoding="utf-8")
    status, _, err = run(
        capsys,
        "--calibrate",
        experiment.folder,
        "--metrics",
        "params",
        "--share",
        30,
        "--samples",
        3,
    )
    assert status == 2
    assert "none of 3 random networks could be measured; 3 times: " in err.splitlines()[-1]


def test_no_experiment(tmp_path, capsys):
    status, _, err = run(capsys, "--calibrate", tmp_path / "x", "--metrics", "params", "--share", 3)
    assert status == 2
    assert "no such folder" in err


def settings(**changes):
    return Settings("run", "error", {"params": float("nan")}, **changes)


def test_bounds_for_a_run(experiment, capfd):
    noise = "import os\nos.write(2, b'from a library\\n')\nprint('from the script')\n"
    experiment.template.write_text(noise + TEMPLATE, encoding="utf-8")
    wanted = settings(shares={"params": 40.0, "macs": 25.0}, seed=3, profile_batch_size=8)
    wanted.constraints["macs"] = AtLeast(math.nan)
    found = calibrate.bounds(wanted, experiment, HYPERPOWER)
    kept = json.loads(experiment.calibration_file.read_text())
    assert list(found) == ["params", "macs"]
    assert found["params"] == kept["params"]["bound"]
    # A lower bound is met by the share of networks above it.
    assert found["macs"] == AtLeast(kept["macs"]["bound"])
    samples = kept["macs"]["samples"]
    assert sum(size >= found["macs"].value for size in samples) == round(len(samples) / 4)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "params: 40% of " in captured.err
    assert "network 64/64: " in captured.err
    assert "from a library" not in captured.err
    output = experiment.calibration_output.read_text()
    assert output.count("from a library") == output.count("from the script") == 64


def test_a_bar_on_a_terminal(experiment, terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    flags = ["--calibrate", str(experiment.folder), "--metrics", "params", "--share", "50"]
    flags += ["--samples", "4"]
    assert calibrate.run(flags, isolated=False) == 0
    terminal.read_until(lambda text: "params: 50% of " in text)
    assert "calibration: Keras starts" in CONTROL.sub("", terminal.raw)
    assert "4 of 4 networks [####################]" in CONTROL.sub("", terminal.raw)
    before = len(terminal.raw)
    assert calibrate.run([*flags, "--plain"], isolated=False) == 0
    terminal.read_until(lambda text: text.count("params: 50% of ") == 2)
    assert "network 4/4: " in terminal.raw[before:]
    assert "calibration:" not in terminal.raw[before:]


def test_plain_is_handed_on(experiment, tmp_path):
    program = tmp_path / "told.py"
    program.write_text("import sys; sys.exit(0 if '--plain' in sys.argv else 3)")
    experiment.save_calibration({"params": {"bound": 7.0}})
    wanted = settings(shares={"params": 40.0})
    assert calibrate.bounds(wanted, experiment, program, plain=True) == {"params": 7.0}
    with pytest.raises(UserError):
        calibrate.bounds(wanted, experiment, program)


def test_networks_that_are_killed_do_not_end_a_calibration(experiment, capfd):
    killed = "import os\nif units > 60:\n    os.kill(os.getpid(), 9)\n"
    experiment.template.write_text(TEMPLATE.replace("x_train, ", f"{killed}x_train, ", 1))
    found = calibrate.bounds(settings(shares={"params": 40.0}), experiment, HYPERPOWER)
    kept = json.loads(experiment.calibration_file.read_text())["params"]
    assert found["params"] <= 3 * 60 + 2 * 61
    assert kept["broken"]["its process was killed (SIGKILL), as Linux does if memory runs out"] > 5
    assert "cannot be used: its process was killed (SIGKILL)" in capfd.readouterr().err


def test_a_run_without_shares_starts_no_process(experiment, tmp_path):
    assert calibrate.bounds(settings(), experiment, tmp_path / "nowhere.py") == {}


def test_bounds_that_cannot_be_determined(experiment, tmp_path):
    program = tmp_path / "fails.py"
    program.write_text("raise SystemExit(2)")  # as hyperpower.py exits without any network
    with pytest.raises(UserError, match="got 40% for params, which could not be determined"):
        calibrate.bounds(settings(shares={"params": 40.0}), experiment, program)


def test_a_process_that_dies_is_named_as_the_cause(experiment, tmp_path):
    program = tmp_path / "dies.py"
    program.write_text("import os; os.kill(os.getpid(), 11)")
    with pytest.raises(UserError, match=r"a signal ended the process .* \(Segmentation fault\)"):
        calibrate.bounds(settings(shares={"params": 40.0}), experiment, program)


@pytest.mark.parametrize(("sent", "status"), [("INT", 130), ("TERM", 143)])
def test_a_signal_ends_the_run_too(experiment, tmp_path, sent, status):
    program = tmp_path / "interrupted.py"
    program.write_text(f"import os, signal; os.kill(os.getpid(), signal.SIG{sent}); signal.pause()")
    if sent == "INT":
        program.write_text("raise SystemExit(130)")  # as hyperpower.py exits after Ctrl-C
    with pytest.raises(SystemExit) as caught:
        calibrate.bounds(settings(shares={"params": 40.0}), experiment, program)
    assert caught.value.code == status

"""How far a job is, from the lines of its output file."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hwsearch.progress.job_output import MOST, JobOutput

MEASURED = """\
--- job 1, attempt 1, 2026-11-25 21:45:10: units=9, lr=4
script: /e/tmp/00000001_keras_net.py
params: 12,345 parameters (budget 50,000 parameters); computed from the model
macs: 90 MACs/image; computed from the model
runtime: 6.59 ± 0.14 µs/image (budget 50 µs/image); time of a batch
note: runtime: standard error 2.1%; target 2.0%
"""
TRAINED = """\
training: 4 epochs; validation: 75 images drawn at random from x_train
epoch 1/4: loss 0.7192, error 37.33 %, 2.7 s
epoch 2/4: loss 0.7189, error 30.00 %, val_auc 0.91, 0.9 s
epoch 3/4: loss 0.5, 0.9 s
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "00000001.out"


def read(path: Path, text: str) -> JobOutput:
    output = JobOutput(path, ["params", "runtime"])
    path.write_text(text)
    output.poll()
    return output


def test_a_job_that_has_not_begun(path: Path) -> None:
    output = JobOutput(path)
    assert not output.poll()
    assert output.phase == "starting"


def test_costs_are_in_the_metrics_units(path: Path) -> None:
    output = read(path, MEASURED)
    assert output.phase == "measuring"
    assert output.costs == {"params": 12345.0, "runtime": pytest.approx(6.59e-6)}


def test_how_far_a_measurement_is(path: Path) -> None:
    begin = MEASURED.splitlines()[0]
    output = read(path, f"{begin}\nmeasuring: 0.0 s of at most 10.0 s\n")
    assert (output.phase, output.measured_s, output.limit_s) == ("measuring", 0.0, 10.0)
    with path.open("a") as file:
        file.write("measuring: 4.1 s of at most 10.0 s\nmeasuring: 1.2.3 s of at most 4 s\n")
    output.poll()
    assert (output.measured_s, output.limit_s) == (4.1, 10.0)
    with path.open("a") as file:
        file.write(f"{begin}\n")
    output.poll()
    assert (output.phase, output.limit_s) == ("building", 0.0)


def test_the_learning_curve(path: Path) -> None:
    output = read(path, MEASURED + TRAINED)
    assert (output.phase, output.epoch, output.epochs) == ("training", 3, 4)
    assert output.curve == [37.33, 0.91, 0.5]
    assert output.shown == "loss 0.5"
    with path.open("a") as file:
        file.write("epoch 4/4: loss nan, error nan %, 0.9 s\n")
    assert output.poll()
    assert output.phase == "ending"
    assert math.isnan(output.curve[-1])


def test_a_line_that_is_written_in_two_parts(path: Path) -> None:
    whole = (MEASURED + TRAINED).encode()
    output = JobOutput(path, ["runtime"])
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(whole), 7):
            file.write(whole[at : at + 7])
            assert output.poll()
    assert not output.poll()
    assert output.curve == [37.33, 0.91, 0.5]


def test_another_attempt_begins_anew(path: Path) -> None:
    output = read(path, MEASURED + TRAINED + "--- job 1, attempt 2, 2026-11-25 21:49:10: units=9\n")
    assert (output.phase, output.epoch, output.curve, output.costs) == ("building", 0, [], {})


def test_a_script_that_prints_a_lot_and_nonsense(path: Path) -> None:
    noise = (
        "epoch x/y: loss\n\x00\x1b[31mruntime: fast (very)\nparams: 1 zebra (x)\n" + "x" * 3 * MOST
    )
    output = read(path, MEASURED + noise + "\n" + TRAINED)
    assert output.curve == [37.33, 0.91, 0.5]
    path.write_text("shorter\n")
    assert output.poll()
    assert output.epoch == 3

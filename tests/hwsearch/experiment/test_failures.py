"""Jobs that all fail alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.failures import all_alike


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path)
    made.prepare()
    return made


def test_three_jobs_that_fail_alike_are_enough(experiment: Experiment) -> None:
    experiment.note_trainable("run")  # for a step
    found = [all_alike(experiment, "run", job, "no data") for job in (1, 2, 2, 3, 4)]
    assert found == [False, False, False, True, True]
    assert not all_alike(experiment, "run", 5, "another")
    assert not all_alike(experiment, "other", 6, "no data")


def test_one_network_that_was_trained_is_hope(experiment: Experiment) -> None:
    experiment.note_trainable("run", to_the_end=True)
    experiment.note_trainable("run")
    assert experiment.is_trainable("run", to_the_end=True)
    assert not any(all_alike(experiment, "run", job, "no data") for job in range(1, 9))


def test_a_file_that_cannot_be_read_is_written_anew(experiment: Experiment) -> None:
    for text in ("{", "[]", '{"run": "run"}'):
        experiment.failed_file.write_text(text)
        assert not all_alike(experiment, "run", 1, "no data")
    assert '"no data"' in experiment.failed_file.read_text()

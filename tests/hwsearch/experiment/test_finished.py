"""Where the trainings of a finished network lie."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.finished import Finished
from hwsearch.measurements.repeat import Repeat


def test_each_kind_of_training_has_a_folder_of_its_own(tmp_path):
    experiment = Experiment(tmp_path)
    folders = {
        Finished.of(experiment, run, job, epochs, all_data).folder
        for run in ("a", "b")
        for job in (1, 2)
        for epochs in (None, 5)
        for all_data in (False, True)
    }
    assert len(folders) == 16
    assert all(folder.is_relative_to(experiment.tmp / "finished") for folder in folders)


def test_only_a_complete_record_counts(tmp_path):
    place = Finished(tmp_path / "new")
    place.make()
    assert place.repeat(1) is None
    place.record(1).write_text('{"seed": ')
    assert place.repeat(1) is None
    place.record(1).write_text('{"seed": 4}')
    assert place.repeat(1) == Repeat.from_json({"seed": 4})


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="expected a writable folder"):
        Finished(tmp_path / "file" / "folder").make()

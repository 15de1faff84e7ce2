"""The files of one run, deleted for good."""

from __future__ import annotations

import io
import sys

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.finished import Finished
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.report.deleting import RunFiles, confirmed, to_delete
from tests.hwsearch.report import example


@pytest.fixture
def experiment(tmp_path):
    made = example.made(tmp_path / "an é folder")
    made.best_model.write_bytes(b"x" * 2**20)
    callbacks = made.tmp / "00000003_files"
    callbacks.mkdir()
    (callbacks / "weights.h5").write_text("w")
    (made.tmp / "mine.txt").write_text("mine")
    return made


def test_only_what_the_run_has_written_is_deleted(experiment):
    files = RunFiles.of(experiment, example.RUN)
    assert files.best_model == experiment.best_model
    assert files.size > 2**20
    files.remove()
    left = {path.name for path in experiment.folder.rglob("*") if path.is_file()}
    assert left - {"spearmint.sqlite-wal", "spearmint.sqlite-shm"} == {
        "network_def.py",
        "spearmint.sqlite",
        "mine.txt",
    }
    assert RunFiles.of(experiment, example.RUN) is None


def test_kept_networks_are_deleted_without_what_the_user_has_put_there(experiment):
    for place in (experiment.best_folder, experiment.kept_model(3), experiment.kept_model(4)):
        KeptFolder(place).replace(BestNetwork(example.RUN, 3, "error", 1.0), {"model.keras": b"x"})
    (experiment.best_folder / "mine.py").write_text("")
    experiment.kept_model(5).mkdir()
    (experiment.kept_model(5) / "mine.py").write_text("")
    assert experiment.best_folder in RunFiles.of(experiment, example.RUN).paths
    RunFiles.of(experiment, example.RUN).remove()
    for folder in (experiment.best_folder, experiment.kept_model(5)):
        assert [path.name for path in folder.iterdir()] == ["mine.py"]
    assert [path.name for path in experiment.models.iterdir()] == ["job-5"]


def test_trainings_of_repeats_are_deleted_and_those_of_finish_stay(experiment):
    repeated = Finished.of(experiment, example.RUN, 3, None, False)
    longer = Finished.of(experiment, example.RUN, 3, 9, False)
    for place, count in ((repeated, 3), (longer, 1)):
        place.make()
        for number in range(1, count + 1):
            place.record(number).write_text("{}")
            place.model(number).write_bytes(b"x")
    (repeated.folder / "1_files").mkdir()
    jobs = example.jobs()
    jobs[2]["measurements"]["repeats"] = [{"seed": 7}, {"seed": 8}]
    files = RunFiles.of(experiment, example.RUN, jobs)
    finished = experiment.finished / example.RUN
    lines = to_delete(example.RUN, 8, files, "sqlite:x").lines
    assert f"among them networks that --repeats has trained: {finished}" in lines
    assert f"networks that hwsearch.finish has trained stay in {finished}" in lines
    files.remove()
    assert sorted(path.name for path in repeated.folder.iterdir()) == ["3.json", "3.keras"]
    assert longer.model(1).is_file()


def test_the_folder_of_repeats_is_deleted_with_them(experiment):
    Archive(experiment).put_aside()
    place = Finished.of(experiment, example.RUN, 3, None, False)
    place.make()
    place.record(1).write_text("{}")
    jobs = example.jobs()
    jobs[2]["measurements"]["repeats"] = [{"seed": 7}]
    files = RunFiles.of(experiment, example.RUN, jobs)
    assert not any("stay in" in line for line in to_delete("x", 8, files, "sqlite:x").lines)
    files.remove()
    assert not experiment.finished.exists()


def test_a_run_that_was_put_aside(experiment):
    aside = Archive(experiment).put_aside()
    example.made(experiment.folder, "later")
    RunFiles.of(experiment, example.RUN).remove()
    assert not aside.exists()
    assert experiment.settings_file.is_file()
    assert RunFiles.of(experiment, "../..") is None


def test_a_link_is_deleted_and_not_what_it_leads_to(experiment, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "data").write_text("mine")
    (experiment.tmp / "00000004_files").symlink_to(elsewhere)
    RunFiles.of(experiment, example.RUN).remove()
    assert (elsewhere / "data").read_text() == "mine"
    assert not (experiment.tmp / "00000004_files").is_symlink()


def test_what_is_deleted_is_said_before(experiment):
    files = RunFiles.of(experiment, example.RUN)
    lines = to_delete(example.RUN, 1, files, "sqlite:x").lines
    assert lines[0] == f"run {example.RUN}: 1 job and the state of the model in sqlite:x"
    assert lines[1].endswith(f" files in {experiment.folder}, 1.0 MiB")
    assert lines[2] == f"among them the trained best network: {experiment.best_model}"
    lines = to_delete("x", 2, None, "h:1").lines
    assert lines[0].startswith("run x: 2 jobs and ")
    assert "no file is deleted" in lines[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False), ("", False)],
)
def test_a_deletion_is_confirmed(answer, expected, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert confirmed() is expected


def test_nobody_can_be_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UserError, match="--delete: got no terminal to ask on; expected --yes"):
        confirmed()

"""Where runs are."""

from __future__ import annotations

import json

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive
from hwsearch.experiment.run_lock import run_lock
from hwsearch.report.command import Request
from hwsearch.report.databases import find, opened
from spearmint.database import connect
from tests.hwsearch.report import example

CONFIG = {
    "main-file": "x.py",
    "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
    "database": {"address": "sqlite:jobs.sqlite"},
}


@pytest.fixture(autouse=True)
def _no_other_database(monkeypatch):
    monkeypatch.delenv("SPEARMINT_DB_ADDRESS", raising=False)


def test_the_folder_of_an_experiment_names_its_database(tmp_path):
    experiment = example.made(tmp_path / "é")
    expected = f"sqlite:{experiment.database_dir / 'spearmint.sqlite'}"
    for folder in (experiment.folder, experiment.spearmint_dir):
        place = find(Request(str(folder)))
        assert (place.address, place.folder.folder) == (expected, experiment.folder)
        assert place.shown == str(experiment.folder)
    Archive(experiment).put_aside()
    assert find(Request(str(experiment.folder))).address == expected
    experiment.previous(example.RUN).rename(tmp_path / "gone")  # the database is left
    place = find(Request(str(experiment.folder)))
    assert (place.address, place.config) == (expected, None)
    with opened(place) as runs:
        assert runs.names() == [example.RUN]


def test_a_folder_of_spearmints_own_form(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "b.json").write_text(json.dumps(CONFIG | {"experiment-name": "b"}))
    place = find(Request(str(tmp_path)))
    assert (place.folder, place.config.experiment) == (None, tmp_path.name)
    assert place.address == f"sqlite:{tmp_path / 'jobs.sqlite'}"
    place = find(Request(str(tmp_path), config="b.json"))
    with connect(place.address) as store:
        store.add_job("a", {"params": {}})
    with opened(place) as runs:
        assert (runs.wanted(None), runs.wanted("a")) == ("b", "a")


def test_an_address_may_be_in_the_environment_and_is_shown_without_password(monkeypatch):
    monkeypatch.setenv("THE_ADDRESS", "mongodb://u:secret@h:1")
    place = find(Request("env:THE_ADDRESS", database="x"))
    assert (place.address, place.database) == ("mongodb://u:secret@h:1", "x")
    assert "secret" not in place.shown


def test_of_several_runs_of_a_database_one_must_be_named(tmp_path):
    address = f"sqlite:{tmp_path / 'x.sqlite'}"
    with connect(address) as store:
        for number in range(14):
            store.add_job(f"run-{number:02d}\x1b", {"params": {}})
    with opened(find(Request(address))) as runs:
        with pytest.raises(UserError) as caught:
            runs.wanted(None)
        assert str(caught.value).startswith("NAME: got no name; expected one of run-02\\x1b, ")
        assert str(caught.value).endswith("run-13\\x1b and more")
        with pytest.raises(UserError, match=r"got 'run-1'.*did you mean 'run-1"):
            runs.wanted("run-1")


def test_an_empty_database_has_no_runs(tmp_path):
    address = f"sqlite:{tmp_path / 'x.sqlite'}"
    with connect(address):
        pass
    with opened(find(Request(address))) as runs, pytest.raises(UserError, match="has no runs"):
        runs.wanted(None)


def test_a_run_that_has_just_been_started_is_said(tmp_path, monkeypatch):
    experiment = example.made(tmp_path)
    for path in (experiment.settings_file, experiment.config_file):
        path.unlink()
    (experiment.database_dir / "spearmint.sqlite").unlink()
    monkeypatch.setattr("hwsearch.report.databases.holders", lambda _: ["12"])
    with run_lock(experiment), pytest.raises(UserError, match=r"a run is starting \(process 12\)"):
        find(Request(str(tmp_path)))

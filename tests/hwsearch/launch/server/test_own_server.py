"""The server of a run that has ended is started again to read its results."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.server.own_server import address_of, answers
from spearmint.database import connect
from tests.servers import mongo


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "an experiment")
    made.prepare()
    return made


def on_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    others = [
        entry
        for entry in os.environ["PATH"].split(os.pathsep)
        if not Path(entry, "mongod").exists()
    ]
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), *others]))


@pytest.mark.parametrize("address", ["sqlite:x.sqlite", "db.example.org:27017", "127.0.0.1:1"])
def test_another_database_is_left_as_it_is(address: str, experiment: Experiment) -> None:
    with address_of(experiment, address) as found:
        assert found == address


def test_without_the_program_there_is_a_remedy(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_path(monkeypatch, tmp_path)
    (experiment.database_dir / "mongod.log").touch()
    with pytest.raises(UserError) as caught, address_of(experiment, "127.0.0.1:1"):
        pass
    assert str(caught.value) == (
        f"{experiment.database_dir}: has the results of this run; expected mongod on PATH to "
        "read them"
    )


@pytest.mark.server
def test_results_are_there_again_and_the_server_stops(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mongod: None
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "mongod").symlink_to(mongo.executable())
    on_path(monkeypatch, programs)
    with mongo.started(experiment.database_dir) as server, connect(server.address) as store:
        store.add_job("run", {"params": {}})
        former = server.address
        with address_of(experiment, former) as found:  # it runs: nothing is started
            assert found == former
    with address_of(experiment, former) as found, connect(found) as store:
        assert found != former
        assert store.experiments() == ["run"]
    assert not answers(found)


def test_only_an_address_with_a_listener_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert answers(f"127.0.0.1:{listener.getsockname()[1]}")
    for address in ("127.0.0.1:1", "127.0.0.1", "127.0.0.1:99999999", ""):
        assert not answers(address)

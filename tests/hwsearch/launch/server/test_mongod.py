"""A MongoDB server of a run's own; a real MongoDB-protocol server stands in as `mongod`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

import run_tool
from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.launch.child_process import Forwarding
from hwsearch.launch.command.request import Request
from hwsearch.launch.server import mongod
from tests.servers import mongo


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the head of PATH, with no mongod on PATH as yet."""
    folder = tmp_path / "programs"
    folder.mkdir()
    others = [
        entry
        for entry in os.environ["PATH"].split(os.pathsep)
        if not Path(entry, "mongod").exists()
    ]
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), *others]))
    monkeypatch.delenv("SPEARMINT_DB_ADDRESS", raising=False)
    return folder


def program(folder: Path, text: str) -> None:
    path = folder / "mongod"
    path.write_text(f"#!/bin/sh\n# $1 = --dbpath, $2 = its files\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def real(programs: Path, mongod: None) -> None:
    (programs / "mongod").symlink_to(mongo.executable())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "an experiment's folder" / "mongodb"


@pytest.fixture
def signals() -> Iterator[Forwarding]:
    with Forwarding() as active:
        yield active


@pytest.mark.server
def test_it_runs_as_long_as_the_block_and_keeps_its_files(
    real: None, files: Path, signals: Forwarding
) -> None:
    addresses = []
    for documents in (1, 2):
        with mongod.running(files, signals, run_tool.answers) as address:
            addresses.append(address)
            with pymongo.MongoClient(address) as client:
                client.test.kept.insert_one({})
                assert client.test.kept.count_documents({}) == documents
        assert not run_tool.answers(address)
    assert all(address.startswith("127.0.0.1:") for address in addresses)
    assert (files / "mongod.log").is_file()


@pytest.mark.server
def test_files_that_another_server_uses(real: None, files: Path, signals: Forwarding) -> None:
    files.mkdir(parents=True)
    with mongo.started(files) as left_behind:
        with pytest.raises(UserError) as caught, mongod.running(files, signals, run_tool.answers):
            pass
        assert str(caught.value).endswith(f"kill {left_behind.process.pid}")
        assert run_tool.answers(left_behind.address)


def test_a_lock_of_an_unrelated_process_is_ignored(
    programs: Path, files: Path, signals: Forwarding
) -> None:
    program(programs, "exec sleep 60")
    files.mkdir(parents=True)
    (files / "mongod.lock").write_text(f"{os.getpid()}\n")
    with mongod.running(files, signals, lambda _: True):
        pass


def test_a_server_that_does_not_start(programs: Path, files: Path, signals: Forwarding) -> None:
    program(programs, "echo no space >&2; exit 14")
    with (
        pytest.raises(mongod.MongodError) as caught,
        mongod.running(files, signals, lambda _: False),
    ):
        pass
    assert str(files / "mongod.log") in str(caught.value)
    assert (files / "mongod.out").read_text() == "no space\n"


def test_a_server_that_never_answers(
    programs: Path, files: Path, signals: Forwarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod, "READY_WITHIN_S", 0)
    program(programs, "exec sleep 60")
    with pytest.raises(mongod.MongodError), mongod.running(files, signals, lambda _: False):
        pass


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_server_that_does_not_stop_is_named(
    programs: Path,
    files: Path,
    signals: Forwarding,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(mongod, "STOPPED_WITHIN_S", 0.1)
    program(programs, """trap '' TERM; echo $$ >"$2/pid"; while :; do sleep 0.1; done""")
    pid = files / "pid"
    with mongod.running(files, signals, lambda _: pid.exists() and pid.read_text() != ""):
        pass
    assert f"keeps running: process {pid.read_text().strip()}" in capsys.readouterr().err
    os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_it_is_ready_stops_it(
    programs: Path, files: Path, sent: signal.Signals, status: int
) -> None:
    program(programs, 'echo $$ >"$2/pid"; exec sleep 60')
    code = (
        "import pathlib, sys; from hwsearch.launch.server import mongod\n"
        "from hwsearch.launch.child_process import Forwarding\n"
        "with Forwarding() as signals:\n"
        "    with mongod.running(pathlib.Path(sys.argv[1]), signals, lambda _: False): pass"
    )
    starting = subprocess.Popen([sys.executable, "-c", code, str(files)])
    try:
        pid = files / "pid"
        while not pid.exists() or not pid.read_text():
            assert starting.poll() is None
            time.sleep(0.02)
        starting.send_signal(sent)
        assert starting.wait(60) == status
    finally:
        starting.kill()
        starting.wait()
    assert not Path("/proc", pid.read_text().strip()).exists()


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "experiment")
    made.template.parent.mkdir(parents=True)
    made.template.touch()
    made.prepare()
    return made


def request(experiment: Experiment, **asked: object) -> Request:
    return Request(str(experiment.folder), **asked)


def test_when_it_is_wanted(
    programs: Path, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not mongod.is_wanted(request(experiment))
    program(programs, "")
    assert mongod.is_wanted(request(experiment))
    assert not mongod.is_wanted(request(experiment, database="host:1"))
    assert not mongod.is_wanted(Request(str(experiment.folder / "nowhere")))
    monkeypatch.setenv("SPEARMINT_DB_ADDRESS", "host:1")
    assert not mongod.is_wanted(request(experiment))


def begin(experiment: Experiment, name: str, address: str) -> None:
    Archive(experiment).put_aside()
    experiment.save_settings(Settings(name, "error"))
    experiment.config_file.write_text(json.dumps({"database": {"address": address}}))


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("127.0.0.1:40001", True),
        ("sqlite:../mongodb/spearmint.sqlite", False),
        ("mongodb://host/", False),
        ("localhost", False),
    ],
)
def test_a_resumed_run_continues_in_its_database(
    programs: Path, experiment: Experiment, address: str, wanted: bool
) -> None:
    program(programs, "")
    (experiment.database_dir / "mongod.log").touch()
    begin(experiment, "run-1", address)
    assert mongod.is_wanted(request(experiment, resume=True)) is wanted
    begin(experiment, "run-2", "sqlite:x" if wanted else "127.0.0.1:40001")
    assert mongod.is_wanted(request(experiment, resume="run-1")) is wanted
    assert mongod.is_wanted(request(experiment, resume=True)) is not wanted
    assert not mongod.is_wanted(request(experiment, resume=True, database="sqlite:x"))


def test_jobs_elsewhere_could_not_reach_a_server_of_this_run(
    programs: Path, experiment: Experiment
) -> None:
    program(programs, "")
    asked = request(experiment)
    assert mongod.is_wanted(asked)
    asked.given["scheduler"] = "slurm"
    assert not mongod.is_wanted(asked)
    asked.given = {"resources": {"here": {}, "there": {"scheduler": "SGE"}}}
    assert not mongod.is_wanted(asked)


def test_a_server_that_the_user_keeps_on_this_machine(
    programs: Path, experiment: Experiment
) -> None:
    program(programs, "")
    begin(experiment, "run-1", "127.0.0.1:27017")
    assert not mongod.is_wanted(request(experiment, resume=True))


def test_profiles_alone_need_no_server(programs: Path, experiment: Experiment) -> None:
    program(programs, "")
    assert not mongod.is_wanted(request(experiment, profile=20))
    assert mongod.is_wanted(request(experiment, profile=20, given={"optimize": "error"}))

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spearmint.config import parse
from spearmint.errors import UserError
from spearmint.schedulers import create
from spearmint.schedulers.batch.cluster import check_database, is_loopback
from spearmint.schedulers.batch.command import NoAnswerError

HERE = socket.gethostname()


class Nodes:
    """A batch system with these nodes."""

    name = "SLURM"

    def __init__(self, *names: str, answers: bool = True) -> None:
        self.names, self.answers = list(names), answers

    def nodes(self) -> list[str]:
        if not self.answers:
            raise NoAnswerError("sinfo: no route to host")
        return self.names


def refusal(system: Any, address: str) -> str:
    with pytest.raises(UserError) as caught:
        check_database(system, address, 'resource gpu: scheduler "SLURM"')
    return str(caught.value)


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST:27017", True),
        ("127.0.0.1", True),
        ("127.3.2.1:1", True),
        ("[::1]:27017", True),
        ("0.0.0.0:1", True),
        ("mongodb://u:p@localhost:1/x?a=b", True),
        ("mongodb://u:p@db1,localhost/x", True),
        ("mongodb://%2Ftmp%2Fmongodb-27017.sock", True),
        ("db.example.org:27017", False),
        ("10.0.0.1:27017", False),
        ("mongodb://localhost:p@db.example.org/localhost", False),
        ("mongodb+srv://db.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_addresses(address: str, loopback: bool) -> None:
    assert is_loopback(address) == loopback


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:27017", "sqlite:/x/jobs.sqlite"])
def test_database_that_nodes_cannot_reach_is_refused(address: str) -> None:
    text = refusal(Nodes(HERE, "n1", "n2", "n3"), address)
    assert text.startswith(f'resource gpu: scheduler "SLURM": database address: got {address}: ')
    assert f"its nodes are {HERE}, n1, n2, ..." in text
    assert "HOST:PORT" in text
    assert "SPEARMINT_DB_ADDRESS" in text
    assert "\n" not in text
    assert "its nodes are none" in refusal(Nodes(), address)
    assert "its nodes are unknown: sinfo: no route" in refusal(Nodes(answers=False), address)


@pytest.mark.parametrize("address", ["localhost", "sqlite:/x/jobs.sqlite"])
def test_any_database_is_accepted_if_this_machine_is_the_only_node(address: str) -> None:
    check_database(Nodes(HERE), address, "")
    check_database(Nodes(f"{HERE.upper()}.example.org", "localhost"), address, "")


def test_other_servers_are_accepted_unseen() -> None:
    check_database(Nodes(answers=False), "db.example.org:27017", "")


def test_password_is_not_shown() -> None:
    assert "secret" not in refusal(Nodes("n1"), "mongodb://u:secret@localhost")


@pytest.mark.parametrize(
    ("scheduler", "programs"),
    [
        ("SLURM", "sbatch, squeue, scancel, sinfo"),
        ("PBS", "qsub, qstat, qdel, pbsnodes"),
        ("SGE", "qsub, qstat, qdel, qconf"),
    ],
)
def test_missing_programs_are_one_line(
    scheduler: str, programs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    config = parse(
        {
            "main-file": "f.py",
            "variables": {"x": {"type": "INT", "min": 0, "max": 1}},
            "resources": {"big": {"scheduler": scheduler}},
        },
        environ={},
    )
    line = f'resource big: scheduler "{scheduler}": {programs} not on PATH; start this on a machine'
    with pytest.raises(UserError, match=re.escape(line)):
        create(config.resources[0], config)


@pytest.mark.server
@pytest.mark.parametrize("system", ["SLURM", "PBS", "SGE"])
def test_nodes_of_real_systems(system: str, batch_harness: Callable[[str], Any]) -> None:
    harness, _ = batch_harness(system)
    names = harness.scheduler().system.nodes()
    assert names
    assert set(names) <= {HERE, HERE.partition(".")[0], "localhost"}

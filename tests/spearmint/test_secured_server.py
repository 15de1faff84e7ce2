"""Whole runs against a server with users, TLS and a name server, as hosted databases have them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import connect
from tests.servers.certificates import KEY_PASSWORD, Authority
from tests.servers.ferretdb import PASSWORD, QUOTED, USER, FerretDB
from tests.servers.name_server import NameServer
from tests.spearmint.objectives import WAITING

ROOT = Path(__file__).resolve().parents[2]
SECRETS = (PASSWORD, QUOTED, KEY_PASSWORD)
pytestmark = [pytest.mark.server, pytest.mark.usefixtures("ferretdb_server")]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "authority")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[tuple[NameServer, dict[str, str]]]:
    """A name server, and the environment of processes that ask it."""
    names = NameServer(
        {
            ("cluster.example.test.", "TXT"): ['"authSource=spearmint"'],
            ("db.example.test.", "A"): ["127.0.0.1"],
        }
    )
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import dns.resolver\n"
        "own = dns.resolver.Resolver(configure=False)\n"
        f"own.nameservers, own.port = ['127.0.0.1'], {names.port}\n"
        "dns.resolver.default_resolver = own\n"
        "dns.resolver.override_system_resolver(own)\n"
    )
    yield names, {**os.environ, "PYTHONPATH": str(folder)}
    names.close()


def command_lines() -> str:
    """The arguments of all processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:  # it has ended meanwhile
            continue
    return b"\n".join(found).decode(errors="replace")


def finished(command: list[str], environ: dict[str, str], status: int = 0) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environ, cwd=ROOT, timeout=240
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_run_over_tls_with_a_restart_cleanup_and_copy(
    experiment: Any,
    authority: Authority,
    environment: tuple[NameServer, dict[str, str]],
    tmp_path: Path,
) -> None:
    names, environ = environment
    options: dict[str, Any] = {"authority": authority, "checks_clients": True}
    server = FerretDB(tmp_path / "server", **options)
    names.add("_mongodb._tcp.cluster.example.test.", "SRV", f"0 0 {server.port} db.example.test.")
    files = f"tlsCAFile={authority.own}&tlsCertificateKeyFile={authority.locked_client}"
    key_password = f"tlsCertificateKeyFilePassword={KEY_PASSWORD}"
    address = f"mongodb+srv://{USER}:{QUOTED}@cluster.example.test/?{files}&{key_password}"
    environ = {**environ, "SPEARMINT_DB_ADDRESS": address}
    main = [sys.executable, str(ROOT / "spearmint" / "main.py")]
    try:
        one = experiment(WAITING, database={"address": "localhost"}, max_finished_jobs=3)
        child = subprocess.Popen(
            [*main, str(one.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environ,
        )
        one.started.append(child)
        one.wait_for((one.folder / "began 1").exists)
        lines = command_lines()
        assert str(one.folder) in lines
        server.stop()
        one.read_until(child, "waiting for the database")
        (one.folder / "go").touch()
        one.wait_for(lambda: "the result waits for the database" in one.output(1))
        server = FerretDB(tmp_path / "server", port=server.port, **options)
        text = one.finish(child)
        assert text.count("the database responds again after ") == 1
        assert one.output(1).count("the result waits for the database") == 1
        assert one.output(1).count("the database responds again") == 1
        shown = lines + text

        copy = [sys.executable, "-m", "spearmint.database", "copy"]
        copied = tmp_path / "copy.sqlite"
        shown += finished([*copy, "env:SPEARMINT_DB_ADDRESS", f"sqlite:{copied}"], environ)
        again = [*copy, f"sqlite:{copied}", "env:SPEARMINT_DB_ADDRESS"]
        assert "3 jobs were there already" in finished(again, environ)
        shown += finished([str(ROOT / "cleanup.sh"), str(one.folder)], environ)
        assert "removed: test: 3 jobs" in shown
        with connect(f"sqlite:{copied}") as store:
            jobs = store.jobs("test")
        assert [(job["status"], job["attempt"]) for job in jobs] == [("complete", 1)] * 3
        environ["SPEARMINT_DB_ADDRESS"] = address.replace(f":{QUOTED}@", f":x{QUOTED}@")
        refusal = finished([*main, str(one.folder)], environ, status=2)
        assert "the server does not know this user and password" in refusal
        shown += refusal
    finally:
        server.stop()
    stored = [path for path in one.folder.rglob("*") if path.is_file()]
    for content in [shown.encode(), copied.read_bytes(), *(p.read_bytes() for p in stored)]:
        assert not [secret for secret in SECRETS if secret.encode() in content]

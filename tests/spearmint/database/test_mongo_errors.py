"""What is said if a server refuses: users, certificates, replica sets and name servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import dns.resolver
import pytest

from spearmint.database import DatabaseUnavailableError, connect
from spearmint.errors import UserError
from tests.servers import ferretdb
from tests.servers.certificates import Authority
from tests.servers.ferretdb import PASSWORD, QUOTED, USER, FerretDB
from tests.servers.name_server import NameServer

#: Short, since every refused connection takes this long.
WAIT = "connectTimeoutMS=4000&serverSelectionTimeoutMS=5000"
LOGIN = f"{USER}:{QUOTED}@"
Start = Callable[..., FerretDB]
pytestmark = [pytest.mark.server, pytest.mark.usefixtures("ferretdb_server")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("tls") / "our-authority")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts servers that run until the module's tests are over."""
    servers: dict[str, FerretDB] = {}

    def found(authority: Authority | None = None, **options: object) -> FerretDB:
        key = repr((authority, options))
        if key not in servers:
            folder = tmp_path_factory.mktemp("server")
            servers[key] = FerretDB(folder, authority=authority, **options)
        return servers[key]

    yield found
    for server in servers.values():
        server.stop()


def address(server: FerretDB, *options: object, login: str = LOGIN) -> str:
    parts = ["authSource=spearmint", WAIT, *map(str, options)]
    return f"mongodb://{login}{server.address}/?{'&'.join(parts)}"


def works(where: str) -> bool:
    with connect(where) as database:
        job_id = database.add_job("e", {})
        return database.claim("e", job_id, "w", 60.0) is not None


def refusal(where: str) -> str:
    with pytest.raises(UserError) as caught:
        connect(where)
    text = str(caught.value)
    assert "\n" not in text
    assert not any(secret in text for secret in (PASSWORD, QUOTED, "secret"))
    return text


def test_user_with_a_password(start: Start) -> None:
    server = start()
    assert works(address(server))
    text = refusal(address(server, login="me:wrong-secret@"))
    assert "the server does not know this user and password" in text
    assert f"mongodb://me:***@{server.address}/" in text
    assert "denies access" in refusal(address(server, login=""))


def test_replica_set(start: Start) -> None:
    assert works(address(start(), f"replicaSet={ferretdb.SET}"))
    text = refusal(address(start(), "replicaSet=another"))
    assert "the servers belong to no replica set of this name" in text
    assert "correct replicaSet=NAME" in text


def test_tls(start: Start, authority: Authority, tmp_path: Path) -> None:
    server = start(authority)
    assert works(address(server, "tls=true", f"tlsCAFile={authority.own}"))
    assert works(address(server, "tls=true", "tlsAllowInvalidCertificates=true"))
    other = Authority.create(tmp_path / "other-authority")
    for options in (["tls=true"], ["tls=true", f"tlsCAFile={other.own}"]):
        text = refusal(address(server, *options))
        assert "not signed by an authority that is trusted here" in text
        assert "tlsCAFile=FILE" in text
    assert "add tls=true if it speaks TLS only" in refusal(address(server))
    text = refusal(address(start(), "tls=true", f"tlsCAFile={authority.own}"))
    assert "does not answer as one that speaks TLS" in text


def test_certificate_for_another_host(start: Start, authority: Authority) -> None:
    server = start(authority, certificate="elsewhere")
    text = refusal(address(server, "tls=true", f"tlsCAFile={authority.own}"))
    assert "certificate is not for the host in the address" in text


def test_client_certificates(start: Start, authority: Authority, tmp_path: Path) -> None:
    server = start(authority, checks_clients=True)
    trusted = ("tls=true", f"tlsCAFile={authority.own}")
    assert works(address(server, *trusted, f"tlsCertificateKeyFile={authority.client}"))
    other = Authority.create(tmp_path / "other-authority")
    for options in ([], [f"tlsCertificateKeyFile={other.client}"]):
        text = refusal(address(server, *trusted, *options))
        assert "does not accept this client's certificate, or there is none" in text
        assert "tlsCertificateKeyFile=FILE" in text


@pytest.fixture
def names(
    start: Start, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NameServer]:
    """A name server that this process asks; it knows a server that speaks TLS."""
    port = start(authority).port
    server = NameServer(
        {
            ("_mongodb._tcp.cluster.example.test.", "SRV"): [f"0 0 {port} db.example.test."],
            ("cluster.example.test.", "TXT"): ['"authSource=spearmint"'],
            ("db.example.test.", "A"): ["127.0.0.1"],
            ("_mongodb._tcp.foreign.example.test.", "SRV"): [f"0 0 {port} db.elsewhere."],
        }
    )
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    dns.resolver.override_system_resolver(resolver)  # for the addresses of hosts
    yield server
    dns.resolver.restore_system_resolver()
    server.close()


def test_servers_that_a_name_server_knows(names: NameServer, authority: Authority) -> None:
    login, options = f"mongodb+srv://{LOGIN}", f"tlsCAFile={authority.own}&{WAIT}"
    # The user's database (authSource) comes from the name server as well.
    assert works(f"{login}cluster.example.test/?{options}")
    text = refusal(f"{login}nowhere.example.test/?{options}")
    assert "the name server knows no servers of this name" in text
    assert "write the servers themselves" in text
    assert "Invalid SRV host" in refusal(f"{login}foreign.example.test/?{options}")
    assert "port number" in refusal(f"{login}cluster.example.test:1/")
    assert "Unknown option: nosuch" in refusal(f"{login}cluster.example.test/?nosuch=1")


def test_name_server_that_does_not_answer(names: NameServer) -> None:
    names.is_silent = True
    where = f"mongodb+srv://{LOGIN}cluster.example.test/?connectTimeoutMS=500"
    with pytest.raises(DatabaseUnavailableError, match="no name server answers"):
        connect(where)

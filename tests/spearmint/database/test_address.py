from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.database import absolute, is_sqlite, passwordless, sqlite_path, without_password
from spearmint.database.address import check_server
from spearmint.errors import UserError


@pytest.mark.parametrize(
    ("address", "sqlite"),
    [
        ("sqlite:x", True),
        ("sqlite:", True),
        ("a/b.sqlite", True),
        ("b.db", True),
        ("localhost", False),
        ("db:27017", False),
        ("mongodb://host/x.db", False),
        ("mongodb+srv://host/x.sqlite", False),
    ],
)
def test_is_sqlite(address: str, sqlite: bool) -> None:
    assert is_sqlite(address) == sqlite


@pytest.mark.parametrize(
    ("address", "path"), [("sqlite:a b", "a b"), ("x.db", "x.db"), ("sqlite:~/x.db", "~/x.db")]
)
def test_sqlite_path(address: str, path: str) -> None:
    assert sqlite_path(address) == path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sqlite:x", "sqlite:/f/x"),
        ("sqlite:../m/x.sqlite", "sqlite:/m/x.sqlite"),
        ("x.db", "sqlite:/f/x.db"),
        ("sqlite:/a/x", "sqlite:/a/x"),
        ("sqlite:~/x.db", "sqlite:/home/me/x.db"),
        ("~/x.db", "sqlite:/home/me/x.db"),
        ("~x.db", "sqlite:/f/~x.db"),
        ("sqlite:", "sqlite:"),
        ("localhost:1", "localhost:1"),
        ("mongodb://h/x.db", "mongodb://h/x.db"),
    ],
)
def test_absolute(address: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert absolute(address, Path("/f")) == expected


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://me:secret@host",
        "mongodb://me:secret@host:1/x?a=b",
        "mongodb+srv://me:secret@host/x",
        "mongodb://me:secret@h1:1,h2:2/x",
        "mongodb://me:secret@[::1]:27017/x",
        "mongodb://:secret@host",
        "mongodb://me:p%40secret@host",
        # Not well formed, but all of these end up in messages.
        "mongodb://me:p@secret@host",
        "mongodb://me:p@ss:secret@host",
        "mongodb://me:p/secret@host",
        "mongodb://me:p?secret@host",
        "mongodb://me:p#secret@host",
        "mongodb://me:secret@host:port",
        "mongodb://me@example.org:secret@host",
        "mongodb://m/e:secret@host",
        "mongodb:/me:secret@host",
        "mongodb://me:sec\nsecret@host",
        "me:secret@host",
        "me:secret@host:1",
        "postgres://me:secret@host",
        # Options with a password or a token.
        "mongodb://host/?tlsCertificateKeyFilePassword=secret",
        "mongodb://host/?tls=true&TLSCERTIFICATEKEYFILEPASSWORD=secret&w=1",
        "mongodb://host/x?authMechanismProperties=AWS_SESSION_TOKEN:secret",
        "mongodb://me:secret@host/x?authMechanismProperties=AWS_SESSION_TOKEN:secret&w=1",
    ],
)
def test_secrets_are_hidden(address: str) -> None:
    shown = without_password(address)
    assert "secret" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mongodb://u:secret@host:1/x?a=b", "mongodb://u:***@host:1/x?a=b"),
        ("mongodb://u:secret@h1:1,h2:2/x", "mongodb://u:***@h1:1,h2:2/x"),
        ("u:secret@host:1", "u:***@host:1"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=s&w=1", None),
    ],
)
def test_the_rest_of_an_address_is_shown(address: str, shown: str | None) -> None:
    assert without_password(address) == (shown or address.replace("=s&", "=***&"))


@pytest.mark.parametrize(
    "address",
    [
        "localhost",
        "host:27017",
        "[::1]:27017",
        "h1:1,h2:2",
        "mongodb://host:1/x",
        "mongodb://me@host:1/x",
        "mongodb://me@[::1]:1/x?authSource=admin",
        "mongodb+srv://host/x?w=majority",
        "sqlite:/a b:c@d.sqlite",
        "a:b@c.db",
        "",
    ],
)
def test_addresses_without_a_secret_are_shown_unchanged(address: str) -> None:
    assert without_password(address) == address


@pytest.mark.parametrize(
    "address",
    ["host", "host:1", "h1:1,h2", "[::1]:1", "10.0.0.1", "mongodb://x", "mongodb+srv://x"],
)
def test_addresses_of_servers(address: str) -> None:
    check_server(address)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("folder/file", '(for a file, write "sqlite:folder/file")'),
        ("me:secret@host", "(with a user and password: mongodb://USER:PASSWORD@HOST:PORT)"),
        ("postgres://me:secret@host", "or mongodb://..."),
        ("http://host", "or mongodb://..."),
        ("a b", '(for a file, write "sqlite:a b")'),
    ],
)
def test_other_addresses_are_refused_with_a_hint(address: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        check_server(address)
    text = str(caught.value)
    assert text.startswith(f"database address: got {without_password(address)!r}; expected sqlite:")
    assert text.endswith(hint)
    assert "secret" not in text


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("sqlite:a:b@c.sqlite", "sqlite:a:b@c.sqlite"),
        ("host:27017", "host:27017"),
        ("mongodb://host:1/?w=1", "mongodb://host:1/?w=1"),
        ("mongodb://joe@host:1", "mongodb://joe@host:1"),
        ("mongodb://joe:PW@host:1/?authSource=a", "mongodb://joe@host:1/?authSource=a"),
        ("mongodb+srv://joe:P@W:x@host/", "mongodb+srv://joe@host/"),
        (
            "mongodb://host/?tlsCertificateKeyFilePassword=PW&tls=true",
            "mongodb://host/?tls=true",
        ),
        ("mongodb://host/?tls=true&tlsCertificateKeyFilePassword=PW", "mongodb://host/?tls=true"),
        ("mongodb://host/?authMechanismProperties=TOKEN:PW", "mongodb://host/"),
        ("joe:PW@host:1", "joe@host:1"),
    ],
)
def test_stored_address_has_no_password(address: str, stored: str) -> None:
    assert passwordless(address) == stored
    assert (passwordless(address) == address) == (without_password(address) == address)


@pytest.mark.parametrize(
    "password", ["se/cret", "se?cret=1", "se#cret", "se@cret", "se:cret", "se%cret"]
)
@pytest.mark.parametrize("scheme", ["mongodb", "mongodb+srv"])
def test_password_that_is_not_escaped(scheme: str, password: str) -> None:
    with pytest.raises(UserError) as caught:
        check_server(f"{scheme}://me:{password}@host.example.test/?tls=true")
    text = str(caught.value)
    assert text.startswith(f"database {scheme}://me:***@host.example.test/?tls=true: is not an add")
    assert "/ as %2F" in text
    assert "cret" not in text


@pytest.mark.parametrize("login", ["", "me@", "me:se%2Fcr%3At!$&'()*+,;=-._~@", ":@"])
def test_passwords_that_are_well_formed(login: str) -> None:
    check_server(f"mongodb://{login}[::1]:27017,h2:1/?authSource=a@b&x=c:d@e")

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spearmint.database import connect
from spearmint.errors import UserError


@pytest.mark.parametrize("form", ["sqlite:{}", "{}"])
@pytest.mark.parametrize("name", ["x.sqlite", "x.db", "a b'c\"d ü.sqlite"])
def test_sqlite_addresses(tmp_path: Path, form: str, name: str) -> None:
    with connect(form.format(tmp_path / name)) as db:
        assert db.add_job("e", {}) == 1
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("address", ["sqlite:jobs", "sqlite:./jobs", "sqlite:~/jobs"])
def test_relative_path_and_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with connect(address) as db:
        db.add_job("e", {})
        monkeypatch.chdir(os.sep)
        db.close()
        assert len(db.jobs("e")) == 1  # the same file in every current folder
    assert (tmp_path / "jobs").is_file()


@pytest.mark.parametrize(
    "address",
    ["", "  ", "postgres://x", "http://localhost", "folder/file", "a b", "sqlite:", None, 3],
)
def test_address_of_no_form(address: object) -> None:
    with pytest.raises(UserError, match=r"^database address: got ") as caught:
        connect(address)
    assert "\n" not in str(caught.value)
    assert "sqlite:PATH" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://",
        "mongodb://host:port",
        "mongodb://host:99999",
        "localhost:99999",
        "mongodb://user:p@ss:word@host",
        "mongodb://user@example.org:word@host",
        "mongodb://host/?serverSelectionTimeoutMS=soon",
        "mongodb://host/?w=majority&journal=perhaps",
        "mongodb://host/?no-such-option=1",
    ],
)
def test_address_that_the_driver_refuses(address: str) -> None:
    with pytest.raises(UserError, match=r"^database .*is not an address of a server") as caught:
        connect(address)
    assert "\n" not in str(caught.value)
    assert "word@" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a/b", "$x"])
def test_database_name_that_mongodb_refuses(name: str) -> None:
    with pytest.raises(UserError, match="database name: got") as caught:
        connect("localhost", name)
    assert "\n" not in str(caught.value)


def test_no_driver_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys; from spearmint.database import connect; connect(sys.argv[1]).close()\n"
        "sys.exit(','.join({'pymongo', 'bson', 'numpy', 'scipy'} & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.sqlite")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.stderr == ""

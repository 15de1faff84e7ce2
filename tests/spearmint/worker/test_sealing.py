from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.errors import UserError
from spearmint.worker import sealing
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.sealing import KEY_FILE, opened, sealed

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "pw-that-nobody-sees"
ADDRESS = f"mongodb://me:{PASSWORD}@db.example.test:27017/?authSource=admin"


def spec(folder: Path, address: str = ADDRESS) -> JobSpec:
    return JobSpec(3, "e", str(folder), "output", "f.py", ["main"], address, "spearmint", 60.0)


def test_a_sealed_spec_has_no_password_and_is_opened_again(tmp_path: Path) -> None:
    one = spec(tmp_path)
    first, second = sealed(one), sealed(one)
    assert opened(JobSpec.from_json(first.to_json())) == opened(second) == one
    assert PASSWORD not in first.to_json()
    assert "db.example.test" not in first.to_json()
    assert first.address != second.address
    key = (tmp_path / KEY_FILE).read_bytes()
    assert (len(key), (tmp_path / KEY_FILE).stat().st_mode & 0o777) == (32, 0o600)
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@given(text=st.text())
def test_what_is_encrypted_is_decrypted_with_its_key_only(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    hidden = sealing._encrypted(text, b"k" * 32)
    assert sealing._decrypted(hidden, b"k" * 32) == text
    assert sealing._decrypted(hidden, b"K" + b"k" * 31) is None


@pytest.mark.parametrize(
    "address", ["host:1", "sqlite:/jobs.sqlite", "mongodb://me@host/?tls=true"]
)
def test_an_address_without_password_stays_and_needs_no_key(address: str, tmp_path: Path) -> None:
    one = spec(tmp_path, address)
    assert sealed(one) is one
    assert opened(one) is one
    assert list(tmp_path.iterdir()) == []


def test_of_several_that_create_the_key_at_once_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: sealed(spec(tmp_path)), range(32)))
    assert [opened(one) for one in made] == [spec(tmp_path)] * 32


def test_a_file_system_without_links_keeps_the_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert opened(sealed(spec(tmp_path))) == spec(tmp_path)


def test_faults_are_lines_that_name_the_file(tmp_path: Path) -> None:
    one = sealed(spec(tmp_path))
    file = tmp_path / KEY_FILE
    file.write_bytes(b"x" * 32)
    with pytest.raises(UserError, match=r"\.database-key: got another key than that of job 3"):
        opened(one)
    file.write_bytes(b"x" * 5)
    with pytest.raises(UserError, match="got 5 bytes; expected 32; remove this file"):
        sealed(spec(tmp_path))
    file.unlink()
    with pytest.raises(UserError, match=r"\.database-key: cannot be read: No such file"):
        opened(one)
    with pytest.raises(UserError, match="cannot be written: No such file or directory"):
        sealed(spec(tmp_path / "nosuch"))


def test_a_worker_that_cannot_open_its_spec_says_why(tmp_path: Path) -> None:
    text = sealed(spec(tmp_path)).to_json()
    (tmp_path / KEY_FILE).unlink()
    code = "from spearmint.worker.process import work; work()"
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, text=True, capture_output=True, cwd=ROOT,
        check=False, timeout=240,
    )  # fmt: skip
    expected = f"cannot begin: {tmp_path}/{KEY_FILE}: cannot be read: No such file or directory\n"
    assert (done.returncode, done.stdout, done.stderr) == (5, "", expected)

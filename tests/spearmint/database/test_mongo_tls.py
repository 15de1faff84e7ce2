"""Files with certificates, checked before a server is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.database.mongo_tls import check_files
from spearmint.errors import UserError
from tests.servers.certificates import KEY_PASSWORD, Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("tls") / "our-authority")


def check(*options: str) -> None:
    check_files(f"mongodb://host/?{'&'.join(options)}", "database x")


def refusal(*options: str) -> str:
    with pytest.raises(UserError) as caught:
        check(*options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("database x: ")
    return text


def test_files_that_can_be_used(authority: Authority) -> None:
    check("tls=true")
    check("w=majority", f"tlsCAFile={authority.own}", f"tlsCertificateKeyFile={authority.client}")
    check(
        f"tlscertificatekeyfile={authority.locked_client}",
        f"tlsCertificateKeyFilePassword={KEY_PASSWORD}",
    )
    check_files("mongodb://host/?w=majority", "x")
    check_files(f"mongodb+srv://host.example.test/?tlsCAFile={authority.own}", "x")


@pytest.mark.parametrize("option", ["tlsCAFile", "tlsCertificateKeyFile"])
def test_file_that_cannot_be_read(option: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    assert refusal(f"{option}={missing}").startswith(
        f"database x: {option}: {missing} cannot be read: No such file or directory; expected"
    )
    assert "Is a directory" in refusal(f"{option}={tmp_path}")


def test_file_without_a_certificate(tmp_path: Path, authority: Authority) -> None:
    other = tmp_path / "other.pem"
    other.write_text("not a certificate")
    assert "no certificate or crl found" in refusal(f"tlsCAFile={other}")
    assert "expected both in one file" in refusal(f"tlsCertificateKeyFile={other}")
    only_certificate = authority.folder / "client.pem"
    assert "expected both in one file" in refusal(f"tlsCertificateKeyFile={only_certificate}")


def test_key_with_a_password(authority: Authority, capfd: pytest.CaptureFixture[str]) -> None:
    key = f"tlsCertificateKeyFile={authority.locked_client}"
    text = refusal(key)
    assert f"{authority.locked_client}: its key needs a password; expected tlsCert" in text
    text = refusal(key, "tlsCertificateKeyFilePassword=wrong-secret")
    assert text.endswith("cannot be opened with the password of tlsCertificateKeyFilePassword")
    assert "wrong-secret" not in text
    assert capfd.readouterr() == ("", ""), "nobody is asked for a password"

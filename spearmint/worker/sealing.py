"""Encrypts the database's address while another system keeps the spec of a job.

A batch system stores scripts, perhaps in its accounting database too; Ray stores the arguments of
actors. With the address, they would keep its password. So they get it encrypted, and the key is in
a file of the experiment's folder, which only its owner can read. Neither is of use without the
other.

The cipher adds a key stream to the text: the output of SHAKE-256 (FIPS 202) for the key and a
number that is used once. An HMAC tells whether the key is the right one.
"""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256, shake_256
from pathlib import Path

from spearmint.database.address import passwordless
from spearmint.errors import UserError
from spearmint.worker.job_spec import JobSpec

#: The file with the key, in the folder of the experiment.
KEY_FILE = ".database-key"
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 16, 32


def sealed(spec: JobSpec) -> JobSpec:
    """The spec with an encrypted address, if the address has a password; else the same one.

    Raises:
        UserError: The file with the key cannot be written or read.
    """
    if passwordless(spec.address) == spec.address:
        return spec
    file = Path(spec.folder, KEY_FILE)
    try:
        key = _key(file, create=True)
    except OSError as error:
        raise UserError(f"{file}: cannot be written: {error.strerror}") from None
    return replace(spec, address=_encrypted(spec.address, key), address_key=str(file))


def opened(spec: JobSpec) -> JobSpec:
    """The spec with its address as it was before `sealed`.

    Raises:
        UserError: The file with the key cannot be read, or has another key.
    """
    if not spec.address_key:
        return spec
    file = Path(spec.address_key)
    try:
        address = _decrypted(spec.address, _key(file, create=False))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    if address is None:
        raise UserError(f"{file}: got another key than that of job {spec.job_id}; start it again")
    return replace(spec, address=address, address_key="")


def _key(file: Path, *, create: bool) -> bytes:
    """The key in a file. Of several processes that create it at once, all get the same."""
    with suppress(FileExistsError):
        if create and not file.exists():
            _create(file)
    key = file.read_bytes()
    if len(key) != _KEY_BYTES:
        raise UserError(f"{file}: got {len(key)} bytes; expected {_KEY_BYTES}; remove this file")
    return key


def _create(file: Path) -> None:
    """Writes a new key beside its place, and gives it its name.

    Raises:
        FileExistsError: There is a key.
        OSError: It cannot be written.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_bytes(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _encrypted(text: str, key: bytes) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    body = nonce + _added(text.encode("utf-8", "surrogateescape"), key, nonce)
    return b64encode(_tag(body, key) + body).decode("ascii")


def _decrypted(text: str, key: bytes) -> str | None:
    """The text; None if it was encrypted with another key."""
    whole = b64decode(text)
    tag, body = whole[:_TAG_BYTES], whole[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(body, key)):
        return None
    nonce, added = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
    return _added(added, key, nonce).decode("utf-8", "surrogateescape")


def _added(text: bytes, key: bytes, nonce: bytes) -> bytes:
    """Adds the key stream, modulo 2; a second time restores the text."""
    stream = shake_256(b"stream" + key + nonce).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def _tag(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, sha256)

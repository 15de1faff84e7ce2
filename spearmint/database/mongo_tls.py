"""The files with certificates that an address names, checked before the driver reads them.

The driver would ask on the terminal for the password of a key, and name no file in its errors.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo.uri_parser import split_options

from spearmint.errors import UserError

_CA, _KEY, _PASSWORD = "tlsCAFile", "tlsCertificateKeyFile", "tlsCertificateKeyFilePassword"


def check_files(uri: str, name: str) -> None:
    """Checks the files of `tlsCAFile` and `tlsCertificateKeyFile`.

    Args:
        uri: A connection string.
        name: What messages call the database.

    Raises:
        UserError: A file cannot be read, has no certificate, or no key that can be opened.
    """
    _, _, query = uri.partition("?")
    if "tls" not in query.lower() and "ssl" not in query.lower():
        return
    # Not validated yet: the driver's own checks open the files as well.
    options: Mapping[str, Any] = split_options(query, validate=False)
    context = ssl.create_default_context()
    authority, own = options.get(_CA), options.get(_KEY)
    if authority is not None:
        _check_readable(name, _CA, authority)
        try:
            context.load_verify_locations(authority)
        except ssl.SSLError as error:
            raise UserError(
                f"{name}: {_CA}: {authority} has no certificate ({_reason(error)}); expected the "
                "certificate of the authority that signed the server's, as PEM"
            ) from None
    if own is not None:
        _check_readable(name, _KEY, own)
        _check_key(name, own, options.get(_PASSWORD), context)


def _check_readable(name: str, option: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise UserError(
            f"{name}: {option}: {path} cannot be read: {error.strerror}; expected a file in PEM "
            "format, with an absolute path"
        ) from None


def _check_key(name: str, path: str, password: str | None, context: ssl.SSLContext) -> None:
    asked: list[bool] = []

    def answer() -> str:
        asked.append(True)
        return password or ""

    try:
        context.load_cert_chain(path, password=answer)
    except (ssl.SSLError, ValueError) as error:
        if not asked:
            why = (
                f"has no certificate with its key ({_reason(error)}); expected both in one file, "
                "as PEM"
            )
        elif password:
            why = f"its key cannot be opened with the password of {_PASSWORD}"
        else:
            why = f"its key needs a password; expected {_PASSWORD}=PASSWORD"
        raise UserError(f"{name}: {_KEY}: {path}: {why}") from None


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error).lower().replace("_", " ")

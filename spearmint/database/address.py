"""Addresses of databases: which form they have, and how they may be shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

from spearmint.errors import UserError

#: What a user may write.
FORMS = "sqlite:PATH, a path ending in .sqlite or .db, HOST, HOST:PORT, or mongodb://..."

_HOST = r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?"
_HOSTS = re.compile(f"{_HOST}(,{_HOST})*")
# Everything between the first colon and the last @; the colon of a scheme does not count (?+ takes
# the scheme if there is one). Addresses that are not well formed end up in error messages too.
_PASSWORD = re.compile(r"^((?:[^:]*://)?+[^:]*):.*@", re.DOTALL)
# What a user or password must write as % and two hexadecimal digits.
_UNESCAPED = re.compile(r"[/?#\[\]@:]|%(?![0-9a-fA-F]{2})")
_STORED_OPTION = re.compile(r"[?&;][^=&;]*(?:password|properties)=[^&;]*", re.IGNORECASE)
_SECRET_OPTION = re.compile(r"([?&;][^=&;]*(?:password|properties)=)[^&;]*", re.IGNORECASE)


def is_sqlite(address: str) -> bool:
    """Whether an address names an SQLite file."""
    return address.startswith("sqlite:") or (
        address.endswith((".sqlite", ".db")) and "://" not in address
    )


def sqlite_path(address: str) -> str:
    """The path in the address of an SQLite file, as written."""
    return address.removeprefix("sqlite:")


def absolute(address: str, folder: Path) -> str:
    """The address with the path of an SQLite file made absolute, also of ~; others as they are.

    Args:
        address: A database's address.
        folder: Where relative paths start.
    """
    path = sqlite_path(address)
    if not is_sqlite(address) or not path:
        return address
    home = os.path.expanduser(path)  # noqa: PTH111 - unlike pathlib, leaves ~NAME of no user
    return "sqlite:" + os.path.normpath(folder / home)


def without_password(address: str) -> str:
    """The address as it may be shown: passwords and tokens are replaced by `***`."""
    if is_sqlite(address):
        return address
    return _SECRET_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1:***@", address))


def passwordless(address: str) -> str:
    """The address as it may be stored: passwords and tokens are left out, the user stays."""
    if is_sqlite(address):
        return address
    kept = _STORED_OPTION.sub(
        lambda match: "?" if match[0].startswith("?") else "", _PASSWORD.sub(r"\1@", address)
    )
    return kept.replace("?&", "?").removesuffix("?")


def check_server(address: str) -> None:
    """Checks that an address has the form of a MongoDB server's address.

    Raises:
        UserError: It does not have this form.
    """
    _check_password(address)
    if address.startswith(("mongodb://", "mongodb+srv://")) or _HOSTS.fullmatch(address):
        return
    if "://" in address:
        hint = ""
    elif "@" in address:
        hint = " (with a user and password: mongodb://USER:PASSWORD@HOST:PORT)"
    else:
        hint = f' (for a file, write "sqlite:{address}")'
    raise UserError(f"database address: got {without_password(address)!r}; expected {FORMS}{hint}")


def _check_password(address: str) -> None:
    """Raises UserError if the driver would take a part of the password for something else.

    Its message would then show that part.
    """
    scheme, _, rest = address.partition("://")
    if scheme not in {"mongodb", "mongodb+srv"}:
        return
    path = rest.partition("?")[0]
    login, at, hosts = path.partition("/")[0].rpartition("@")
    if at:
        user, _, password = login.partition(":")
        is_clear = not _UNESCAPED.search(user) and not _UNESCAPED.search(password)
        is_clear &= "@" not in path.partition("/")[2]
    else:  # an @ in the options is none of the login, unless what is before is no host
        is_clear = "@" not in rest or ":" not in hosts or _HOSTS.fullmatch(hosts) is not None
    if not is_clear:
        raise UserError(
            f"database {without_password(address)}: is not an address of a server: the user or "
            "password contains one of / ? # [ ] @ : %; write each of these as % and two digits "
            "(/ as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, @ as %40, : as %3A, % as %25)"
        )

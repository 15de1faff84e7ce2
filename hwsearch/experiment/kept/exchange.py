"""Puts a complete folder in place of another one in a single step."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: What a file system without the exchange answers, such as NFS.
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def put_in_place(new: Path, place: Path) -> Path | None:
    """Moves a folder to its place; what was there is put aside.

    Linux exchanges two folders at once. Where the file system cannot do that, there is no folder at
    that place for an instant between two renamings.

    Args:
        new: The folder, beside its place.
        place: Where it goes.

    Returns:
        Where the former folder is now; None if there was none.

    Raises:
        OSError: It could not be moved; the former folder is where it was.
    """
    if not os.path.lexists(place):
        new.rename(place)
        return None
    try:
        _exchange(new, place)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    else:
        return new
    aside = new.with_name(f"{new.name}-former")
    place.rename(aside)
    try:
        new.rename(place)
    except BaseException:
        aside.rename(place)
        raise
    return aside


def _exchange(one: Path, other: Path) -> None:
    """Exchanges two names, https://man7.org/linux/man-pages/man2/rename.2.html.

    Raises:
        OSError: It failed; with ENOSYS if this system does not know it.
    """
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    names = os.fsencode(one), os.fsencode(other)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one))

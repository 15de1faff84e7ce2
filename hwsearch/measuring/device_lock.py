"""One profile at a time on a device, among all processes of a user.

The kernel holds the lock (flock on an open file), so that it ends with its process, however that
process ends. The file itself is never removed: otherwise two processes could lock two files of the
same name.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sys
import tempfile
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from hwsearch.errors import UserError
from hwsearch.meters.device import Device

POLL_S = 0.05
REPORT_AFTER_S = 2.0


class DeviceBusyError(UserError):
    """Another profile kept the device locked for too long."""


class DeviceLock:
    """Locks a device for a `with` block.

    Args:
        device: What to lock.
        timeout_s: Longest wait.
        folder: Where the lock files are; None = the user's runtime folder.
        say: Receives a line when the wait gets long; None = standard error does.
    """

    def __init__(
        self,
        device: Device,
        timeout_s: float = 600.0,
        folder: Path | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._device = device
        self._timeout_s = timeout_s
        self._folder = folder
        self._say = say or _print
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Waits for the device.

        Raises:
            DeviceBusyError: It was not free within the timeout.
        """
        path = (self._folder or runtime_dir()) / f"{_slug(self._device)}.lock"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait(file)
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        _held.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _held.discard(self)
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _wait(self, file: int) -> None:
        start = time.monotonic()
        reported = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                return
            waited = time.monotonic() - start
            holder = os.pread(file, 20, 0).decode(errors="replace") or "unknown"
            if waited >= self._timeout_s:
                raise DeviceBusyError(
                    f"{self._device} has been in use by process {holder} for {waited:.0f} s; "
                    "wait for it or stop it"
                )
            if not reported and waited >= REPORT_AFTER_S:
                reported = True
                self._say(f"Waiting for {self._device}: process {holder} measures on it.")
            time.sleep(POLL_S)

    def drop_in_child(self) -> None:
        """Closes the copy in a forked child: otherwise the lock would last until the child ends."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def runtime_dir() -> Path:
    """This user's folder for files of running processes; created if it does not exist.

    Raises:
        UserError: It belongs to another user.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and os.access(base, os.W_OK):
        folder = Path(base) / "hyperpower"
    else:
        folder = Path(tempfile.gettempdir()) / f"hyperpower-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise UserError(
            f"{folder}: belongs to another user; set XDG_RUNTIME_DIR to a folder of your own"
        )
    return folder


def _slug(device: Device) -> str:
    """A file name for a device: readable, with a hash that makes it unique."""
    identity = device.uuid or f"{device.kind}-{device.index}"
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", identity)[:60]
    return f"{readable}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


_held: weakref.WeakSet[DeviceLock] = weakref.WeakSet()


def _forked() -> None:
    for lock in list(_held):
        lock.drop_in_child()
    _held.clear()


os.register_at_fork(after_in_child=_forked)

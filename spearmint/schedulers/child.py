"""A child process that exchanges JSON objects, one per line, with this one over a socket."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any


def _log() -> IO[bytes]:
    """A file for the output of the process, without a name; in memory if the system allows it."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("output"), "w+b")
    return tempfile.TemporaryFile()


class Child:
    """A child process, which may not have been started yet or may have ended.

    It leads a session of its own, so that Ctrl-C does not end it.

    Args:
        python: The interpreter.
        module: The module whose `main` it calls; the number of the socket is its first argument.
        arguments: The other arguments, strings that any user may read.
        variables: Its environment.
        folder: Its current folder.

    Attributes:
        ready: Whether it has sent a message with the key "ready".
    """

    def __init__(
        self,
        python: str,
        module: str,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.ready = False
        code = f"from {module} import main; main()"
        self._command = [python, "-P", "-c", code]
        self._arguments = list(arguments)
        self._variables = dict(variables)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._log: IO[bytes] | None = None
        self._received = b""

    @property
    def runs(self) -> bool:
        """Whether it has been started, and its end has not been received."""
        return self._process is not None

    def start(self) -> None:
        """Starts the process if it does not run.

        Raises:
            OSError: The system does not allow another process.
        """
        if self._process is not None:
            return
        ours, theirs = socket.socketpair()
        log = _log()
        try:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                env=self._variables,
                cwd=self._folder,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            log.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        self._channel, self._log = ours, log
        self._received, self.ready = b"", False

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message; if the process has ended, `receive` reports that."""
        if self._channel is None:
            return
        try:
            self._channel.settimeout(30)
            self._channel.sendall(json.dumps(message).encode() + b"\n")
            self._channel.setblocking(False)
        except OSError:
            self._channel.setblocking(False)

    def receive(self) -> list[dict[str, Any]]:
        """The messages that have arrived; the last one is `{"exited": status, "output": line}`.

        That message is not the child's own: it reports that the process has ended.
        """
        messages: list[dict[str, Any]] = []
        while self._channel is not None:
            try:
                chunk = self._channel.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                messages.append(self._exit_message())
                break
            *lines, self._received = (self._received + chunk).split(b"\n")
            messages += map(json.loads, lines)
        self.ready |= any("ready" in message for message in messages)
        return messages

    def sources(self) -> list[int]:
        """The file descriptor that becomes readable when there are messages."""
        return [] if self._channel is None else [self._channel.fileno()]

    def kill(self) -> None:
        """Kills the process; `receive` reports its end."""
        if self._process is not None:
            self._process.kill()

    def close(self, *, leave_running: bool) -> None:
        """Closes the connection.

        Args:
            leave_running: Let the process run until its work is done, instead of killing it.
        """
        if self._process is not None:
            if leave_running:
                self._process.returncode = 0  # nobody waits for it, and that is not an error
            else:
                self._process.kill()
                self._process.wait()
        self._release()

    def _exit_message(self) -> dict[str, Any]:
        assert self._process is not None  # noqa: S101 - it has a channel
        assert self._log is not None  # noqa: S101
        status = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        self._release()
        return {"exited": status, "output": lines[-1] if lines else ""}

    def _release(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._log is not None:
            self._log.close()
        self._process = self._channel = self._log = None

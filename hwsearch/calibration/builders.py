"""Builds and measures networks in a process of its own, which may be killed or hang.

One process builds one network after the other, as long as it lives, because each new process starts
the backend again; if their memory is measured, each network gets a process, as a job's does. A
process is forked from one that has imported Keras but has run nothing with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hwsearch.errors import UserError
from hwsearch.formatting import duration
from hwsearch.printing import one_line

#: A network that takes longer than this many seconds is given up.
LIMIT_S = 600.0
_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>

#: Receives a line for the user while a network is built.
Say = Callable[[str], None]
#: Builds and measures the network of some values; a UserError says why it cannot be used.
Build = Callable[[int, Mapping[str, Any], Say], dict[str, float]]


class Report(Protocol):
    """Is told what happens: `hwsearch.progress.steps.Steps` shows it to the user."""

    def step(self, number: int, total: int, text: str) -> None:
        """Takes the number of a network, how many there are, and a text about it."""

    def note(self, text: str) -> None:
        """Takes what the next network waits for."""


@dataclass(frozen=True, slots=True)
class Built:
    """What became of one network.

    Attributes:
        number: Which one, counted from 1.
        costs: By metric; None if it could not be measured.
        reason: Why not.
    """

    number: int
    costs: dict[str, float] | None
    reason: str = ""


def build_all(
    build: Build,
    points: Sequence[Mapping[str, Any]],
    limit_s: float = LIMIT_S,
    output: Path | None = None,
    *,
    apart: bool = False,
    say: Say | None = None,
) -> Generator[Built, None, None]:
    """Builds networks in a process of its own, and in another one after that was killed.

    Args:
        build: Called in that process.
        points: The values of each network.
        limit_s: Seconds for one network, after which its process is killed.
        output: A file that receives what networks print; None = it goes where the output of this
            process goes.
        apart: Whether each network gets a process of its own: what a process ran before changes
            how much memory a network needs in it on a CPU.
        say: Receives what `build` says meanwhile.

    Yields:
        One result per network, in their order.
    """
    left = list(enumerate(points, 1))
    while left:
        given = left[:1] if apart else left[:]
        child = _Child(build, given, output)
        try:
            for number, _ in given:
                answer = child.answer(limit_s, say)
                left.pop(0)
                if answer is None:
                    yield Built(number, None, child.end())
                    break
                yield Built(number, **answer)
        finally:
            child.kill()


def build_here(
    build: Build, points: Sequence[Mapping[str, Any]], say: Say | None = None
) -> Generator[Built, None, None]:
    """The same in this process, for programs that cannot be forked because they use Keras."""
    for number, params in enumerate(points, 1):
        yield Built(number, **_answer(build, number, params, say or _unheard))


def emptied(output: Path) -> Path:
    """A file for what networks print, without what earlier ones have printed.

    Raises:
        UserError: It cannot be written.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(b"")
    except OSError as error:
        raise UserError(
            f"{one_line(output)}: cannot be written: {error.strerror}; expected a writable folder"
        ) from None
    return output


def _unheard(_: str) -> None:
    """Says nothing."""


def _answer(build: Build, number: int, params: Mapping[str, Any], say: Say) -> dict[str, Any]:
    try:
        return {"costs": build(number, params, say)}
    except UserError as error:
        return {"costs": None, "reason": str(error)}


class _Child:
    """A process that builds networks and writes one line of JSON about each.

    Lines with "said" come before that: what is for the user meanwhile.
    """

    def __init__(
        self, build: Build, points: Sequence[tuple[int, Mapping[str, Any]]], output: Path | None
    ) -> None:
        self._output = output
        self._limit_s = 0.0
        self._is_late = False
        self._text = b""
        self._pipe, write = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._pipe)
            _work(build, points, write, output)
        os.close(write)

    def answer(self, limit_s: float, say: Say | None) -> dict[str, Any] | None:
        """The next answer; None if the process has ended, or takes too long."""
        deadline = time.monotonic() + limit_s
        while (found := self._message(deadline, limit_s)) is not None and "said" in found:
            if say is not None:
                say(found["said"])
        return found

    def _message(self, deadline: float, limit_s: float) -> dict[str, Any] | None:
        while b"\n" not in self._text:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._pipe], [], [], left)[0]:
                self._limit_s, self._is_late = limit_s, True
                return None
            chunk = os.read(self._pipe, 65536)
            if not chunk:
                return None
            self._text += chunk
        line, _, self._text = self._text.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> str:
        """Ends the process; says why it gave no answer."""
        if self._is_late:
            self.kill()
            return f"it was not measured within {duration(self._limit_s)}"
        status = os.waitstatus_to_exitcode(self._wait())
        if status == -signal.SIGKILL:
            return "its process was killed (SIGKILL), as Linux does if memory runs out"
        if status < 0:
            return f"its process was killed: {signal.strsignal(-status) or f'signal {-status}'}"
        where = "" if self._output is None else f"; its output: {one_line(self._output)}"
        return f"it ended its process with status {status}{where}"

    def kill(self) -> None:
        """Ends the process and those that it has started; nothing happens if it has ended."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._wait()

    def _wait(self) -> int:
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        os.close(self._pipe)
        return status


def _work(
    build: Build, points: Sequence[tuple[int, Mapping[str, Any]]], pipe: int, output: Path | None
) -> None:
    """The child: answers for each network, then ends without returning."""

    def tell(message: Mapping[str, Any]) -> None:
        os.write(pipe, json.dumps(message).encode() + b"\n")

    def say(text: str) -> None:
        tell({"said": text})

    status = 1
    try:
        os.setpgid(0, 0)
        end_with_parent()
        if output is not None:
            _print_into(output)
        for number, params in points:
            if output is not None:
                os.write(1, f"--- random network {number}\n".encode())
            answer = _answer(build, number, params, say)
            sys.stdout.flush()
            tell(answer)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _print_into(output: Path) -> None:
    """Has this process append to a file what it prints, messages of C libraries included."""
    file = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)


def end_with_parent() -> None:
    """Has Linux kill this process when its parent dies; elsewhere it ends with its last network."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

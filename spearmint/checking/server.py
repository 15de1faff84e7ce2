"""The process that checks candidates, with heavy libraries imported once.

It is started as `server.main` with the number of a socket and a JSON object as arguments: the
`modules` to import, and the `folder`, `file` and `function` of the check. Each message on the
socket is a JSON object on one line:

    <- {"ready": true, "failed": {module: error}}
    -> {"check": number, "params": {...}}, with "ahead": true if nobody waits for the answer
    <- {"answer": number, "values": {task: number}, "predictions": {task: [mean, deviation]}}, or
       with "error": text instead of these two
    -> {"drop": true}

Each candidate is checked in a fork of this process, so that nothing is left of it: neither memory
nor the state of a library. If this process cannot be forked, since an imported module has started
a thread, it checks the candidate itself. Both end with the controller, however that ends.

A check ahead is for a candidate of a later job. Its fork steps back behind all other processes, and
is killed when any other message arrives; the answer has an "error" then.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

from spearmint import processes
from spearmint.errors import UserError
from spearmint.schedulers.fork_server import can_fork, preload
from spearmint.worker import objective
from spearmint.worker.arguments import arguments
from spearmint.worker.outcome import UnusableValueError, one_number

Answer = dict[str, Any]


class Server:
    """The loop of this process.

    Args:
        channel: The socket.
        folder: DIR, the current folder of the check.
        file: The file in DIR that defines the check.
        function: Its name.
    """

    __slots__ = ("_channel", "_file", "_folder", "_function", "_lines")

    def __init__(self, channel: socket.socket, folder: str, file: str, function: str) -> None:
        self._channel = channel
        self._folder = Path(folder)
        self._file = file
        self._function = function
        self._lines: list[bytes] = [b""]  # that were received; the last one is not complete

    def serve(self, failed: Mapping[str, str]) -> None:
        """Answers until the socket closes.

        Args:
            failed: The modules that could not be imported, with the errors.
        """
        gc.freeze()
        self._send({"ready": True, "failed": dict(failed)})
        with suppress(ConnectionError):
            for request in self._requests():
                if "check" in request:
                    answer = self._answer(request["params"], ahead=bool(request.get("ahead")))
                    self._send({"answer": request["check"], **answer})

    def _requests(self) -> Iterator[dict[str, Any]]:
        while True:
            while len(self._lines) > 1:
                yield json.loads(self._lines.pop(0))
            chunk = self._channel.recv(65536)
            if not chunk:
                return
            *complete, rest = (self._lines.pop() + chunk).split(b"\n")
            self._lines = [*complete, rest]

    def _answer(self, params: Mapping[str, Any], *, ahead: bool) -> Answer:
        if can_fork():
            return self._in_fork(params, ahead=ahead)
        # This process cannot step back for one candidate and be as before for the next one.
        return {"error": "nothing is checked ahead"} if ahead else self._here(params)

    def _send(self, message: Answer) -> None:
        self._channel.sendall(json.dumps(message).encode() + b"\n")

    def _here(self, params: Mapping[str, Any]) -> Answer:
        """The answer, computed in this process."""
        try:
            os.chdir(self._folder)
            module = objective.imported(self._folder, self._file)
            check = getattr(module, self._function, None)
            if not callable(check):
                path = self._folder / self._file
                raise UserError(f"{path} defines no {self._function}(params)")
            values, predictions = answer_of(check(arguments(params)))
            return {"values": values, "predictions": predictions}
        except (UserError, UnusableValueError) as error:
            return {"error": str(error)}
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever the check raises
            return {"error": objective.reason(error)}

    def _in_fork(self, params: Mapping[str, Any], *, ahead: bool = False) -> Answer:
        """The answer, computed in a child process."""
        read, write = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(read)
            os.close(write)
            return {"error": f"cannot start a process: {error.strerror}"}
        if pid == 0:
            try:
                if ahead:
                    processes.step_back()
                else:
                    os.setpgid(0, 0)
                processes.end_with_parent()
                self._channel.close()
                os.close(read)
                with os.fdopen(write, "wb") as pipe:
                    pipe.write(json.dumps(self._here(params)).encode() + b"\n")
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            dropped = ahead and self._is_asked_before(pipe.fileno())
            # Not to its end: the check's own children may keep it open.
            line = b"" if dropped else pipe.readline()
        # While the child is not waited for, no other process can get the number of its group.
        for kill in (os.killpg, os.kill):  # it may not lead a group yet
            with suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if dropped:
            return {"error": "something else came first"}
        if not line.endswith(b"\n"):
            return {"error": f"its process ended with status {os.waitstatus_to_exitcode(status)}"}
        found: Answer = json.loads(line)
        return found

    def _is_asked_before(self, descriptor: int) -> bool:
        """Waits; returns whether a message comes before anything can be read from a descriptor."""
        if len(self._lines) > 1:
            return True
        ready, _, _ = select.select([descriptor, self._channel.fileno()], [], [])
        return descriptor not in ready


def answer_of(returned: Any) -> tuple[dict[str, float], dict[str, list[float]]]:
    """What a check has returned: exact values, and predictions as [mean, standard deviation].

    Numbers are finite: None, NaN and a prediction with one of them stand for an unknown value.

    Raises:
        UserError: It is not a dictionary.
        UnusableValueError: One of its values is neither a number nor a pair of numbers.
    """
    if returned is None:
        return {}, {}
    if not isinstance(returned, Mapping):
        kind = type(returned).__name__
        raise UserError(f"got {kind}; expected a dictionary {{task: value}}")
    values: dict[str, float] = {}
    predictions: dict[str, list[float]] = {}
    for name, value in returned.items():
        if value is None:
            continue
        got = f"{name}: got {value!r:.60}"
        expected = "expected a number, or [mean, standard deviation]"
        if not (isinstance(value, list | tuple) and len(value) == 2):
            if isfinite(number := one_number(value, got, expected)):
                values[str(name)] = number
            continue
        mean, deviation = (one_number(one, got, expected) for one in value)
        if deviation < 0:
            raise UnusableValueError(f"{got}; expected a standard deviation of 0 or more")
        if isfinite(mean) and isfinite(deviation):
            predictions[str(name)] = [mean, deviation]
    return values, predictions


def main() -> None:
    """Runs the process."""
    processes.end_with_parent()
    channel = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    sys.argv = [str(Path(settings["folder"], settings["file"]))]
    failed = preload(settings.pop("modules"))
    silent = os.open(os.devnull, os.O_WRONLY)  # what candidates print is of no use
    for stream in (1, 2):
        os.dup2(silent, stream)
    with suppress(ConnectionError):
        Server(channel, **settings).serve(failed)
    os._exit(0)  # without the exit handlers of the imported libraries, which can take seconds


if __name__ == "__main__":
    main()

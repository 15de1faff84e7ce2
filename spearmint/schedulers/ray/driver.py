"""The process that is connected to Ray, and creates an actor for each job.

It is started as `driver.main` with the number of a socket and its `Settings` as arguments. Each
message on the socket is a JSON object on one line:

    <- {"ready": true, "nodes": [host name], "fits": bool}
    <- {"failed": text}                           it cannot connect, and exits
    -> {"submit": name, "script": text}
    -> {"find": [name]}                           actors of a former driver
    <- {"found": [name]}                          those that wait or run
    -> {"end": name, "grace_s": seconds}
    -> {"withdraw": true}                         removes the actors that wait
    <- {"withdrawn": [name]}                      these
    <- {"ended": name, "status": number or null, "output": line, "description": text,
        "preempted": bool}

When the socket closes, a cluster of its own runs until the last job has ended.

If the connection is lost, this process ends, by itself or by Ray.

A server of Ray's clients sometimes fails to start its part for a client, which then waits in vain,
and a cluster of its own may take longer to start than Ray waits (30 s) on a busy machine. This
process begins again in both cases: it replaces itself, and keeps the socket.

Only Ray and the standard library are needed here: this may be the interpreter of a cluster that has
no other package.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ray
from ray import cloudpickle
from ray.exceptions import ActorUnavailableError, RayActorError, RayError

from spearmint.schedulers.ray import actor as actor_module
from spearmint.schedulers.ray.connection import connected
from spearmint.schedulers.ray.settings import Settings

GUARD = Path(__file__).with_name("guard.py")
#: How long an attempt to connect as a client may take, in seconds; one more has no limit here.
ATTEMPTS_S = (20.0, 40.0, 60.0)
#: How often the start of a cluster of its own is repeated.
RESTARTS = 2
_STARTS_SLOWLY = "timed out during startup"
#: How often the actors are looked at, in seconds.
INTERVAL_S = 0.1
#: How often Ray is asked whether it is there, in seconds: without a call, nothing tells.
HEALTH_S = 5.0
#: How long the end of an actor is kept back: until then, Ray knows whether its node has ended too,
#: and its job has put itself back. An actor that was found is given as long to answer.
SETTLE_S = 3.0
#: How many controllers may wait for the end of one job, and still end it.
CALLS = 16


@dataclass(slots=True)
class JobHandle:
    """The actor of a job, as this driver sees it.

    Attributes:
        actor: Ray's handle.
        node: Will be the id of its node when the job has started.
        end: Will be how the job ended.
        node_id: The id of its node; None while it waits.
        lost_at: When the actor was found dead, by the monotonic clock in seconds.
        loss: What Ray says about that.
    """

    actor: Any
    node: Any = field(init=False)
    end: Any = field(init=False)
    node_id: str | None = field(default=None, init=False)
    lost_at: float | None = field(default=None, init=False)
    loss: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.node = self.actor.node.remote()
        self.end = self.actor.end.remote()

    def has_started(self) -> bool:
        """Whether the actor has started its job."""
        if self.node_id is None and ray.wait([self.node], timeout=0)[0]:
            with suppress(RayError):
                self.node_id = ray.get(self.node)
        return self.node_id is not None


class Driver:
    """The loop of this process.

    Args:
        channel: The socket.
        settings: What this resource wants of Ray.
    """

    def __init__(self, channel: socket.socket, settings: Settings) -> None:
        self._channel = channel
        self._settings = settings
        self._handles: dict[str, JobHandle] = {}
        self._received = b""
        self._closed = False
        self._next_check = 0.0
        cloudpickle.register_pickle_by_value(actor_module)
        self._class = ray.remote(actor_module.JobActor)

    def serve(self) -> None:
        """Obeys until the socket closes, and no job depends on this process."""
        nodes = [node for node in ray.nodes() if node["Alive"]]
        names = sorted({str(node["NodeManagerHostname"]) for node in nodes})
        wanted = self._settings.resources()
        fits = any(
            all(node["Resources"].get(key, 0.0) >= value for key, value in wanted.items())
            for node in nodes
        )
        self._send({"ready": True, "nodes": names, "fits": fits})
        while not self._closed or (self._settings.is_own and self._handles):
            self._receive()
            self._look()

    # -- messages ------------------------------------------------------------------------------

    def _receive(self) -> None:
        if self._closed:
            time.sleep(INTERVAL_S)
            return
        self._channel.settimeout(INTERVAL_S)
        try:
            chunk = self._channel.recv(65536)
        except TimeoutError:
            return
        except ConnectionError:
            chunk = b""
        if not chunk:
            self._closed = True
            if self._settings.is_own:
                self._withdraw()
            return
        *lines, self._received = (self._received + chunk).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, message: dict[str, Any]) -> None:
        if "submit" in message:
            self._submit(message["submit"], message["script"])
        elif "find" in message:
            self._find(message["find"])
        elif "end" in message:
            self._end(message["end"], message["grace_s"])
        else:
            self._withdraw()

    def _submit(self, name: str, script: str) -> None:
        options = self._settings.options()
        if not self._settings.is_own:
            options["lifetime"] = "detached"
        try:
            made = self._class.options(
                name=name, max_restarts=0, max_concurrency=CALLS, **options
            ).remote(str(GUARD), script)
            self._handles[name] = JobHandle(made)
        except (ValueError, TypeError) as error:
            self._report(name, "refused by Ray", output=_one_line(error))

    def _find(self, names: list[str]) -> None:
        for name in set(names) - set(self._handles):
            with suppress(ValueError):  # Ray knows no such actor
                self._handles[name] = JobHandle(ray.get_actor(name))
        # Whether a job has started decides how it is ended; its actor needs a moment to say so.
        nodes = [self._handles[name].node for name in names if name in self._handles]
        if nodes:
            ray.wait(nodes, num_returns=len(nodes), timeout=SETTLE_S)
        self._send({"found": [name for name in names if name in self._handles]})

    def _end(self, name: str, grace_s: float) -> None:
        handle = self._handles.get(name)
        if handle is None:
            return
        if handle.has_started():
            handle.actor.terminate.remote(grace_s)
        else:
            ray.kill(handle.actor)

    def _withdraw(self) -> None:
        waiting = [name for name, each in self._handles.items() if not each.has_started()]
        self._send({"withdrawn": waiting})
        for name in waiting:
            ray.kill(self._handles[name].actor)

    def _send(self, message: dict[str, Any]) -> None:
        if self._closed:
            return
        self._channel.settimeout(None)
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._closed = True  # the controller is gone

    # -- actors --------------------------------------------------------------------------------

    def _look(self) -> None:
        if time.monotonic() >= self._next_check:
            ray.nodes()  # raises, or ends this process, if the cluster is not there
            self._next_check = time.monotonic() + HEALTH_S
        waiting = {
            handle.end: name for name, handle in self._handles.items() if handle.lost_at is None
        }
        if waiting:
            ready, _ = ray.wait(list(waiting), num_returns=len(waiting), timeout=0)
            for end in ready:
                self._collect(waiting[end])
        for name, handle in list(self._handles.items()):
            if handle.lost_at is not None and time.monotonic() - handle.lost_at > SETTLE_S:
                self._report_loss(name, handle)
            else:
                handle.has_started()

    def _collect(self, name: str) -> None:
        handle = self._handles[name]
        handle.has_started()
        try:
            end = ray.get(handle.end)
        except ActorUnavailableError:  # it may live
            handle.end = handle.actor.end.remote()
            return
        except RayActorError as error:
            handle.lost_at, handle.loss = time.monotonic(), _one_line(error)
            if not handle.has_started():
                self._report_loss(name, handle)
            return
        with suppress(RayError):
            ray.kill(handle.actor)  # its resources are free at once
        told = bool(end["told"])
        description = "its machine is being shut down" if told else "ended"
        self._report(name, description, end["status"], end["output"], preempted=told)

    def _report_loss(self, name: str, handle: JobHandle) -> None:
        alive = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
        if handle.node_id is not None and handle.node_id not in alive:
            self._report(name, "its node has ended", preempted=True)
        else:
            self._report(name, handle.loss)

    def _report(
        self,
        name: str,
        description: str,
        status: int | None = None,
        output: str = "",
        *,
        preempted: bool = False,
    ) -> None:
        self._handles.pop(name, None)
        end = {"status": status, "output": output, "description": description}
        self._send({"ended": name, **end, "preempted": preempted})


def _one_line(error: BaseException) -> str:
    """What Ray says, which may have many lines: the last one that says why an actor is dead."""
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("The actor is dead because")]
    return (told or lines or [type(error).__name__])[0][:300]


def _begin_again(attempt: int) -> None:
    """Replaces this process by one that connects anew."""
    words = [*sys.orig_argv[: 1 - len(sys.argv)], *sys.argv[1:3], str(attempt + 1)]
    os.execv(sys.executable, words)  # noqa: S606 - these are its own words


def _kill_children() -> None:
    """Ends what Ray has started; after a failed start it does so only when this process ends."""
    import psutil  # noqa: PLC0415 - Ray brings it, and makes it importable

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()


def main() -> None:
    """Runs the process."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    settings = Settings.from_json(sys.argv[2])
    attempt = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    may_repeat = settings.is_client and attempt < len(ATTEMPTS_S)
    # Ray does not return from a failed start of a client either, so another thread looks.
    patience = threading.Timer(ATTEMPTS_S[attempt], _begin_again, [attempt]) if may_repeat else None
    if patience:
        patience.daemon = True
        patience.start()
    is_connected = False
    try:
        with connected(settings):
            if patience:
                patience.cancel()
            is_connected = True
            Driver(channel, settings).serve()
    except Exception as error:
        if is_connected:  # and the connection is lost: another driver connects again
            traceback.print_exc()
            os._exit(1)  # Ray's exit handlers would wait for the cluster
        if may_repeat and isinstance(error, ConnectionAbortedError):
            _begin_again(attempt)
        if settings.is_own and attempt < RESTARTS and _STARTS_SLOWLY in str(error):
            _kill_children()
            _begin_again(attempt)
        failure = {"failed": _one_line(error)}
        with suppress(OSError):
            channel.sendall(json.dumps(failure).encode() + b"\n")


if __name__ == "__main__":
    main()

"""The actor of a job, in a process of Ray's on some node.

Ray copies this class to the node, so this module imports only the standard library and Ray.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

#: How long an actor whose job has ended waits until it is asked for the end, in seconds.
LINGER_S = 5.0


class JobActor:
    """Holds the resources of a job while it runs, and knows how it ended.

    The job starts with the actor, not by a call: the driver may be gone when a node has room.

    Args:
        guard: The file of the guard, under the same path on every node.
        script: The job, as a script for a login shell.
    """

    def __init__(self, guard: str, script: str) -> None:
        self._has_ended = threading.Event()
        self._end: dict[str, Any] = {"status": None, "output": "", "told": False}
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._send({"script": script})
        threading.Thread(target=self._follow, daemon=True).start()

    def node(self) -> str:
        """The id of its node; the answer says that the job has started."""
        import ray  # noqa: PLC0415 - on the node

        return str(ray.get_runtime_context().get_node_id())

    def end(self) -> dict[str, Any]:
        """Waits for the end of the job, and says how it ended: the last message of the guard."""
        self._has_ended.wait()
        return self._end

    def terminate(self, grace_s: float) -> None:
        """Asks the job to end, and kills it after a grace period in seconds."""
        self._send({"grace_s": grace_s})

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # it has ended
            self._guard.stdin.write(json.dumps(message).encode() + b"\n")  # type: ignore[union-attr]
            self._guard.stdin.flush()  # type: ignore[union-attr]

    def _follow(self) -> None:
        text: str = self._guard.stdout.read().decode(errors="replace")  # type: ignore[union-attr]
        self._guard.wait()
        line = text.strip().rpartition("\n")[2]
        try:
            self._end = dict(json.loads(line))
        except ValueError:
            self._end["output"] = line[:500]
        self._has_ended.set()
        time.sleep(LINGER_S)
        os._exit(0)  # without a driver, nobody ends the actor

"""`spearmint/main.py`, with a note at the beginning of each turn of its loop."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from spearmint import main as command
from spearmint.control.supervisor import Supervisor

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


def main(file: str) -> None:
    """Runs the command line; writes the processor time of each turn, and the memory in it."""
    moments: list[float] = []
    memory: list[float] = []
    poll = Supervisor.poll

    def noted(self: Supervisor) -> Any:
        moments.append(time.process_time())
        memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MIB)
        return poll(self)

    Supervisor.poll = noted
    status = command.main(sys.argv[1:])
    turns = [later - earlier for earlier, later in itertools.pairwise(moments)]
    Path(file).write_text(json.dumps({"cpu_s": turns, "rss_mib": memory}), encoding="utf-8")
    sys.exit(status)

"""A worker in a process of its own: its spec comes on standard input.

Its arguments, where a batch system started it: what the job's document is to call it, and names of
signals that mean there what SIGTERM does.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from spearmint.worker import launch
from spearmint.worker.job_spec import JobSpec


def work() -> NoReturn:
    """Runs the job, and ends the process."""
    arguments = sys.argv[1:]
    for name in arguments[1:]:
        signal.signal(signal.Signals[name], lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    proc_id = arguments[0] if arguments else None
    launch.exit_process(launch.launch(JobSpec.from_json(sys.stdin.read()), proc_id=proc_id))

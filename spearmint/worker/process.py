"""A worker in a process of its own, which reads its job spec from standard input.

A batch system starts it with arguments: the `proc_id` to store in the job's document, then names
of signals that this batch system sends instead of SIGTERM.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from spearmint.errors import UserError
from spearmint.worker import output
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import CANNOT_BEGIN, exit_process, launch
from spearmint.worker.own_signals import handle
from spearmint.worker.sealing import opened


def work() -> NoReturn:
    """Runs the job, and ends the process."""
    arguments = sys.argv[1:]
    for name in arguments[1:]:
        handle(signal.Signals[name], lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    proc_id = arguments[0] if arguments else None
    try:
        spec = opened(JobSpec.from_json(sys.stdin.read()))
    except UserError as error:
        output.report(f"cannot begin: {error}")
        exit_process(CANNOT_BEGIN)
    exit_process(launch(spec, proc_id=proc_id))

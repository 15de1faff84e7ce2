"""A job of 50 ms."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.faults import event_log, gate


def main(job_id: int, params: dict[str, Any]) -> float:
    event_log.write(event_log.BEGAN, job_id)
    time.sleep(0.05)
    value = float(params["x"][0]) ** 2 + float(params["y"][0])
    event_log.write(event_log.RETURNED, job_id, value)
    gate.wait(gate.STORE)
    return value

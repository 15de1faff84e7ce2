from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import connect
from spearmint.worker.job_spec import JobSpec

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("arguments", "signal_sent", "proc_id", "status"),
    [
        ([], None, None, "complete"),
        (["SGE 7"], None, "SGE 7", "complete"),
        (["SGE 7", "SIGUSR2", "SIGXCPU"], "SIGUSR2", None, "new"),
    ],
)
def test_spec_is_read_from_standard_input(
    arguments: list[str], signal_sent: str | None, proc_id: str | None, status: str, tmp_path: Path
) -> None:
    send = f"os.kill(os.getpid(), signal.{signal_sent}); time.sleep(600)" if signal_sent else "pass"
    (tmp_path / "f.py").write_text(
        f"import os, signal, time\ndef main(i, p):\n    {send}\n    return 1\n"
    )
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    with connect(address) as store:
        store.add_job("e", {"params": {}})
        spec = JobSpec(1, "e", str(tmp_path), "output", "f.py", ["main"], address, "x", 60.0)
        code = "from spearmint.worker.process import work; work()"
        subprocess.run(
            [sys.executable, "-c", code, *arguments],
            input=spec.to_json(), text=True, cwd=ROOT, check=False, timeout=240,
        )  # fmt: skip
        job: Any = store.job("e", 1)
    assert job["status"] == status, spec.output.read_text()
    if status == "complete":
        assert job["proc_id"] == proc_id if proc_id else job["proc_id"] > 1

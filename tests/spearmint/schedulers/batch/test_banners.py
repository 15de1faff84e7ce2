"""Batch systems whose sites print more, or less, than the number of a job."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server
#: What a site's own sbatch or qsub does; $real is the program that it wraps.
WRAPPERS = {
    "before": 'echo "[INFO] auks ok, 3 nodes are down"; exec "$real" "$@"',
    "after": '"$real" "$@" || exit; echo; echo "Welcome, job 9 is queued."',
    "instead": '"$real" "$@" >/dev/null || exit; echo "[INFO] auks ok"',
}


def wrap(program: str, folder: Path, body: str) -> None:
    """Puts a script with the name of a program before it on PATH."""
    real = next(
        path
        for entry in os.environ["PATH"].split(os.pathsep)
        if (path := Path(entry, program)).exists()
    )
    folder.mkdir()
    script = folder / program
    script.write_text(f"#!/bin/sh\nreal='{real}'\n{body}\n")
    script.chmod(0o755)


@pytest.mark.parametrize("where", list(WRAPPERS))
@pytest.mark.parametrize(("system", "program"), [("SLURM", "sbatch"), ("PBS", "qsub"), ("SGE", "qsub")])  # fmt: skip  # noqa: E501
def test_job_is_followed_whatever_is_printed(
    system: str,
    program: str,
    where: str,
    batch_harness: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    harness, server = batch_harness(system)
    wrap(program, tmp_path / "bin", WRAPPERS[where])
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    scheduler = harness.scheduler()
    spec = harness.spec("print('BEGAN', flush=True)\nopen('go').read()\nreturn 5")
    os.mkfifo(harness.folder / "go")
    proc_id = scheduler.submit(spec)
    assert [proc_id.split()[1].partition(".")[0]] == server.queue()
    found = f"{program} printed no job number; jobs are found by their names"
    assert scheduler.notices() == ([found] if where == "instead" else [])
    harness.wait_until_began(spec)
    assert harness.job(spec)["proc_id"] == proc_id
    (harness.folder / "go").write_text("")
    harness.end_of(scheduler, proc_id)
    assert harness.job(spec)["values"] == {"main": 5.0}

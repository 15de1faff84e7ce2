"""The script of a batch job, as a pure function of the job's spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from spearmint import processes
from spearmint.worker.job_spec import JobSpec

#: Ends the spec, which is one line of JSON and begins with a brace.
_END = "END_OF_SPEC"


def script(
    spec: JobSpec,
    *,
    name: str,
    signals: Sequence[str],
    environment_file: Path | None,
    python: str,
    paths: Sequence[str],
) -> str:
    """A script for a login shell on a node, which replaces itself with the worker.

    The shell's own messages, and those of a file that it sources, go to the job's output file. The
    worker reads the spec from standard input, so that no list of processes shows a password in the
    database's address. The worker replaces the shell, so that a signal to either reaches it.

    Args:
        spec: The job.
        name: The batch job's name in the database, as a shell expression on the node
            ("SLURM $SLURM_JOB_ID").
        signals: Names of the signals, apart from SIGTERM, by which the batch system asks a job to
            end.
        environment_file: Sourced on the node, its variables exported.
        python: The interpreter.
        paths: Folders in which Python finds modules; the first is this repository's.
    """
    # A failed redirection of exec ends a shell only in sh's POSIX mode.
    lines = ["#!/bin/bash -l", f"exec >>{quote(str(spec.output))} 2>&1 || exit 1"]
    # The same order as in local jobs: this repository, environment-file, PYTHONPATH of main.py.
    lines += [_prepend(path) for path in reversed(paths[1:])]
    if environment_file is not None:
        file = quote(str(environment_file))
        lines += [
            "set -a",
            f". {file}",
            "status=$?",
            "set +a",
            'if [ "$status" -ne 0 ]; then',
            f'    printf \'%s\\n\' "environment-file: "{file}" ends with status $status"',
            "    exit 1",
            "fi",
        ]
    lines.append(_prepend(paths[0]))
    lines.append("export {}={}".format(*processes.mark(spec.experiment)))
    code = "from spearmint.worker.process import work; work()"
    arguments = " ".join([f'"{name}"', *signals])
    lines.append(f"exec {quote(python)} -P -c {quote(code)} {arguments} <<'{_END}'")
    return "\n".join([*lines, spec.to_json(), _END, ""])


def _prepend(path: str) -> str:
    """A line that puts a folder in front of PYTHONPATH."""
    return f'export PYTHONPATH={quote(path)}"${{PYTHONPATH:+:$PYTHONPATH}}"'


def job_name(spec: JobSpec, longest: int, token: str) -> str:
    """The job's name in the batch system's lists: `hp3-cifar10-7f2e`, in plain characters.

    Args:
        spec: The job.
        longest: The maximum length of a name.
        token: Ends the name, so that it is that of one submission only.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", spec.experiment)
    return f"hp{spec.job_id}-{plain}"[: longest - len(token) - 1] + f"-{token}"

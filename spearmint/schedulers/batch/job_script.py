"""The script of a batch job: pure functions of the job's spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from spearmint.worker.job_spec import JobSpec

#: The mark that ends the spec; the spec is one line of JSON, which begins with a brace.
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
    """What a node runs for a job: a login shell that becomes the worker.

    The shell's own words, and what a file that it sources says, go to the job's output file as the
    job's do. The spec comes on standard input, so that a password in a database's address shows
    in no list of processes. The worker takes the shell's place: a signal to either reaches it.

    Args:
        spec: The job.
        name: The batch job's name in the database, as the shell on the node finds it
            ("SLURM $SLURM_JOB_ID").
        signals: Names of the signals by which the batch system asks a job to end, SIGTERM apart.
        environment_file: Sourced on the node, its variables exported.
        python: The interpreter.
        paths: Folders in which Python finds modules, the first being this repository's.
    """
    # An exec that cannot be redirected ends a shell; not so one called in sh's POSIX mode.
    lines = ["#!/bin/bash -l", f"exec >>{quote(str(spec.output))} 2>&1 || exit 1"]
    # The order that local jobs have: this repository, what the file sets, what main.py was given.
    lines += [_before(path) for path in reversed(paths[1:])]
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
    lines.append(_before(paths[0]))
    code = "from spearmint.worker.process import work; work()"
    arguments = " ".join([f'"{name}"', *signals])
    lines.append(f"exec {quote(python)} -P -c {quote(code)} {arguments} <<'{_END}'")
    return "\n".join([*lines, spec.to_json(), _END, ""])


def _before(path: str) -> str:
    """A line that puts a folder before those in which Python finds modules."""
    return f'export PYTHONPATH={quote(path)}"${{PYTHONPATH:+:$PYTHONPATH}}"'


def job_name(spec: JobSpec, longest: int) -> str:
    """How the batch system lists a job: `hp3-cifar10`; plain letters, the number first."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", spec.experiment)
    return f"hp{spec.job_id}-{plain}"[:longest]

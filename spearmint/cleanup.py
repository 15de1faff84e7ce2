"""Removes an experiment's results: `cleanup.sh [--config NAME] DIR`.

Its jobs and hyper-parameters leave the database, and the jobs' output files DIR/output; other files
stay.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint import processes
from spearmint.config import Config, load
from spearmint.errors import UserError

_OUTPUT = re.compile(r"\d{8,}\.(out|pbs|job)")


def clean(config: Config) -> list[str]:
    """Removes the results; returns what was removed, a line each.

    Raises:
        UserError: Jobs run at this moment, or something cannot be removed.
    """
    from spearmint.database import connect  # noqa: PLC0415 - --help needs none

    with connect(config.address, config.database) as store:
        jobs = store.jobs(config.experiment)
        running = [job["id"] for job in jobs if processes.is_alive(job.get("worker"))]
        if any(job["status"] == "pending" and job["id"] in running for job in jobs):
            raise UserError(f"job {running[0]} of {config.experiment} runs; stop it first (Ctrl-C)")
        known = config.experiment in store.experiments()
        store.drop(config.experiment)
    count = f"{len(jobs)} jobs"
    lines = [
        f"{config.experiment}: {count} and the model's hyper-parameters"
        if known
        else f"{config.experiment}: the database holds nothing of it"
    ]
    subdirs = dict.fromkeys(resource.output_subdir for resource in config.resources)
    return lines + [_clean_output(Path(config.folder or "", subdir)) for subdir in subdirs]


def _clean_output(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder}: is not there"
    try:
        files = [path for path in folder.iterdir() if _OUTPUT.fullmatch(path.name)]
        for path in files:
            path.unlink()
        left = len(list(folder.iterdir()))
        if not left:
            folder.rmdir()
    except OSError as error:
        raise UserError(f"{folder}: cannot be removed: {error}") from None
    return f"{folder}: {len(files)} files" + (
        f"; {left} that are not jobs' output stay" if left else ""
    )


def folder_of(folder: Path, name: str) -> Path:
    """The folder with config.json: the one that was named, or its `spearmint` as HyperPower has."""
    below = folder / "spearmint"
    return below if (below / name).is_file() and not (folder / name).exists() else folder


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="cleanup.sh", description="Removes the results of DIR's experiment, without asking."
    )
    parser.add_argument(
        "dir",
        metavar="DIR",
        help="the experiment's folder, with config.json or spearmint/config.json",
    )
    parser.add_argument("--config", metavar="NAME", default="config.json", help="a file in DIR")
    args = parser.parse_args(argv)
    try:
        folder = folder_of(Path(args.dir), args.config)
        lines = clean(load(folder, args.config, files=False))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    for line in lines:
        print(f"removed: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

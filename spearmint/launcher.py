"""Runs one job by hand: python spearmint/launcher.py [--config NAME] DIR JOB_ID."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint import database
from spearmint.config import load
from spearmint.errors import UserError
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import launch


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="launcher.py", description="Runs one new job by hand.")
    parser.add_argument("dir", metavar="DIR", help="the experiment's folder, with its config.json")
    parser.add_argument("job", metavar="JOB_ID", type=int, help="a job that is new")
    parser.add_argument("--config", metavar="NAME", default="config.json")
    args = parser.parse_args(argv)
    try:
        config = load(args.dir, args.config)
        store = database.connect(config.address, config.database)
        job = store.job(config.experiment, args.job)
        status = "not there" if job is None else job["status"]
        if status != "new":
            raise UserError(
                f"JOB_ID: got {args.job}, which is {status}; expected a job that is new"
            )
        spec = JobSpec(
            args.job,
            config.experiment,
            str(config.folder),
            config.resources[0].output_subdir,
            config.main_file,
            config.task_names,
            config.address,
            config.database,
            config.lease_time,
        )
        status = launch(spec, redirect=False)
        job = store.job(config.experiment, args.job) or {}
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"job {args.job} is {job.get('status')}: {job.get('values') or job.get('reason')}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())

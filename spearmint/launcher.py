"""Runs one job by hand: `python spearmint/launcher.py [--config NAME] DIR JOB_ID`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run as a script: this folder's modules are not top-level ones
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from spearmint import database
from spearmint.config import load
from spearmint.console.command_line import count, experiment_parser
from spearmint.console.printing import make_lenient, one_line, printable_lines
from spearmint.errors import UserError
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.launch import launch


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parser = experiment_parser(
        "launcher.py",
        "Run one new job of DIR's experiment in this process; its output goes to the terminal.",
    )
    parser.add_argument("job", metavar="JOB_ID", type=count, help="id of a job with status new")
    args = parser.parse_args(argv)
    try:
        return run(args.dir, args.config, args.job)
    except UserError as error:
        print(printable_lines(str(error)), file=sys.stderr)
        return 2


def run(folder: str, config_name: str, job_id: int) -> int:
    """Runs the job and prints its result; returns the exit status of `launch`.

    Raises:
        UserError: There is no such job, it is not new, or the database cannot be used.
    """
    config = load(folder, config_name)
    with database.connect(config.address, config.database) as store:
        job = store.job(config.experiment, job_id)
        if job is None or job["status"] != "new":
            state = "which does not exist" if job is None else f"which is {job['status']}"
            raise UserError(f"JOB_ID: got {job_id}, {state}; expected a new job")
        status = launch(JobSpec.of(config, job), redirect=False)
        job = store.job(config.experiment, job_id) or {}
    what = one_line(job.get("values") or job.get("reason"))
    print(f"job {job_id} is {job.get('status')}: {what}")
    return status


if __name__ == "__main__":
    make_lenient()
    sys.exit(main())

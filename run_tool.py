"""Entry point: what run_tool.sh starts once the requirements are installed.

Takes the flags of gener_experiment.py. Without --experiment it searches experiments/digits, and a
`mongod` on PATH is started for the run.
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from collections.abc import Sequence
from pathlib import Path

from hwsearch.command_line.entry_point import exit_status
from hwsearch.experiment import Experiment
from hwsearch.launch.child_process import Forwarding, occupy_standard_streams
from hwsearch.launch.command import flags
from hwsearch.launch.default_search import completed
from hwsearch.launch.server import mongod
from spearmint.console.printing import make_lenient

ROOT = Path(__file__).resolve().parent


def main(argv: Sequence[str]) -> int:
    """Runs the command line; returns the exit status."""
    occupy_standard_streams()
    return exit_status(lambda: run(argv))


def run(argv: Sequence[str]) -> int:
    """Starts gener_experiment.py, with a database server if there is one.

    Raises:
        UserError: A flag is wrong, or another run uses the database's files.
    """
    argv = completed(argv, ROOT)
    request = flags.read(argv)
    command = [sys.executable, str(ROOT / "gener_experiment.py"), *argv]
    with Forwarding() as signals:
        if request.list_meters or not mongod.is_wanted(request):
            return signals.run(command)
        files = Experiment(request.experiment).database_dir
        try:
            with mongod.running(files, signals, answers) as address:
                where = sys.stderr if request.json else sys.stdout
                print(
                    f"database: mongod on {address}, its files in {files}", file=where, flush=True
                )
                return signals.run([*command, "--database", address])
        except mongod.MongodError as error:
            print(error, file=sys.stderr)
            return 1


def answers(address: str) -> bool:
    """Whether a MongoDB server answers at HOST:PORT."""
    from pymongo import MongoClient  # noqa: PLC0415 - only if a server was started
    from pymongo.errors import PyMongoError  # noqa: PLC0415

    with MongoClient(address, serverSelectionTimeoutMS=500) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
    return True


if __name__ == "__main__":
    make_lenient()
    sys.exit(main(sys.argv[1:]))

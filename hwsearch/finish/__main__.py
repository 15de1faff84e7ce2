"""Entry point: trains the best network of a run for use.

    python -m hwsearch.finish experiments/digits --epochs 100 --all_data --repeats 3

It needs no database: the job's script, settings.json and best.json say all.
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from collections.abc import Sequence

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.finished import Finished
from hwsearch.experiment.run_lock import run_lock
from hwsearch.finish import flags
from hwsearch.finish.statement import statement
from hwsearch.measurements.repeat import Repeat
from hwsearch.printing import one_line


def run(argv: Sequence[str]) -> int:
    """Trains, and prints what came of it; returns the exit status.

    Raises:
        UserError: The request is wrong, or the network cannot be trained.
    """
    request = flags.read(argv)
    experiment = Experiment(request.folder)
    experiment.check()
    if not experiment.settings_file.is_file():
        raise UserError(f"{one_line(experiment.folder)}: no run; expected one that has finished")
    with run_lock(experiment, of_parent=True):  # a search with --repeats
        settings = experiment.load_settings()
        best = experiment.best(settings.experiment_name)
        job = request.job if request.job is not None else best.job if best else None
        if job is None:
            raise UserError(
                f"{one_line(experiment.best_file)}: no network of this run met the budget; "
                "expected --job N, the network to train"
            )
        script = _script(experiment, job)
        place = Finished.of(
            experiment, settings.experiment_name, job, request.epochs, request.all_data
        )
        place.make()
        repeats = [
            _repeat(experiment, settings, script, place, (job, number), request)
            for number in range(1, request.repeats + 1)
        ]
    times = "once" if len(repeats) == 1 else f"{len(repeats)} times"
    print(f"\njob {job}, trained {times} with seeds that the search did not use")
    searched = best if best is not None and best.job == job else None
    print(statement(settings, repeats, place, searched))
    return 0


def _script(experiment: Experiment, job: int) -> bytes:
    path = experiment.rendered(job)
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"--job: got {job}: {one_line(path)}: {error.strerror}; expected a job of the latest "
            "run, whose script is still there"
        ) from None


def _repeat(
    experiment: Experiment,
    settings: Settings,
    script: bytes,
    place: Finished,
    which: tuple[int, int],
    request: flags.Request,
) -> Repeat:
    """The result of one training, which may have been done before.

    Args:
        experiment: The experiment.
        settings: Of the run.
        script: The job's.
        place: The files of all trainings.
        which: The job, and the number of the training.
        request: What the flags ask for.
    """
    job, number = which
    done = place.repeat(number)
    if done is not None:
        print(f"training {number} of {request.repeats}: done before")
        return done
    # Only now: importing Keras takes seconds.
    from hwsearch.finish import training  # noqa: PLC0415
    from hwsearch.network.program import rendered_script  # noqa: PLC0415

    print(f"training {number} of {request.repeats}:", flush=True)
    seeded = number, training.seed_of(settings, job, number)
    try:
        return training.train(experiment, settings, script, place, seeded, request)
    except UserError as error:
        path = place.script(number)
        raise UserError(
            rendered_script.in_template(error, path, experiment.load_template())
        ) from error


def main() -> int:
    """Runs the command line; returns the exit status."""
    return exit_status(lambda: run(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

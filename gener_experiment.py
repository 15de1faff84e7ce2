#!/usr/bin/env python3
"""Front door 1: a template becomes an experiment, and the optimiser is started on it."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch import formatting, keras2
from hwsearch.atomic_files import write_atomic, write_json
from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.launch import child_process, flags, handover, libraries
from hwsearch.launch.resuming import check_template, merged, wanted_run
from hwsearch.launch.run_lock import run_lock
from hwsearch.template import Template
from spearmint.errors import UserError as OptimiserError

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Optimiser:
    """The Spearmint that is started; `ours` = the one of this repository."""

    main: Path
    ours: bool

    @classmethod
    def chosen(cls) -> Optimiser:
        """The one under $SPEARMINT_ROOT, else ours."""
        root = os.environ.get("SPEARMINT_ROOT") or str(ROOT)
        main = Path(root).absolute() / "spearmint" / "main.py"
        if not main.is_file():
            raise UserError(
                f"SPEARMINT_ROOT: got {root!r}; expected a folder with {main.name} in spearmint/"
            )
        return cls(main, main.resolve() == (ROOT / "spearmint" / "main.py").resolve())

    def database(self, given: str | None) -> str:
        """The database's address for config.json."""
        if given is None:
            return "sqlite:../mongodb/spearmint.sqlite" if self.ours else "localhost"
        path = given.removeprefix("sqlite:")
        if path != given or (path.endswith((".sqlite", ".db")) and "://" not in path):
            return f"sqlite:{Path(path).absolute()}"
        return given


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    occupy_standard_streams()
    try:
        request = flags.read(sys.argv[1:] if argv is None else argv)
        if request.list_meters:
            from hwsearch.measuring.survey import main as show_meters  # noqa: PLC0415 - heavy

            return int(show_meters([]) or 0)
        return run(request)
    except (UserError, OptimiserError) as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as error:
        print(f"{error.filename or 'gener_experiment.py'}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2


def occupy_standard_streams() -> None:
    """Else the next file that is opened would stand where a child expects its output."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


def run(request: flags.Request) -> int:
    """Starts or resumes a run and reports it.

    Raises:
        UserError: Something in the request is wrong; nothing was moved or written.
    """
    experiment = Experiment(request.experiment)
    experiment.check()
    optimiser = Optimiser.chosen()
    template = Template.from_file(experiment.template)
    libraries.check()
    if request.resume and not experiment.tmp.is_dir():
        wanted_run(experiment, request.resume)
    prepare = resumed if request.resume else fresh
    return prepare(request, experiment, optimiser, template)


def fresh(
    request: flags.Request, experiment: Experiment, optimiser: Optimiser, template: Template
) -> int:
    """A run under a new name; the former one is put aside."""
    bounds = {name: bound for name, bound in request.constraints.items() if bound is not None}
    settings = Settings("new", constraints=bounds, shares=request.shares, **request.given)
    check_meter(settings, request)
    settings.database = optimiser.database(request.database)
    settings.experiment_name = new_name(
        experiment, reached(settings, experiment, optimiser, template)
    )
    experiment.prepare()
    with run_lock(experiment) as lock:
        aside = Archive(experiment).put_aside()
        if aside:
            print(f"the former run's files are in {aside}", flush=True)
        try:
            calibrate(settings, request, experiment)
        except (UserError, KeyboardInterrupt):
            if aside:
                experiment.calibration_file.unlink(missing_ok=True)
                Archive(experiment).restore(aside.name)
            raise
        return start(settings, experiment, optimiser, template, lock)


def resumed(
    request: flags.Request, experiment: Experiment, optimiser: Optimiser, template: Template
) -> int:
    """The newest or the named run goes on."""
    with run_lock(experiment) as lock:
        name = wanted_run(experiment, request.resume)
        archive = Archive(experiment)
        kept = archive.files_of(name)
        settings = merged(kept.load_settings(), request)
        note = check_template(kept, template)
        check_meter(settings, request)
        if request.database is not None:
            settings.database = optimiser.database(request.database)
        begun = archive.has_jobs(name)
        known = reached(settings, experiment, optimiser, template, make=not begun)
        if optimiser.ours and begun and name not in known:
            raise UserError(
                f"--resume: got the database {shown_address(settings, experiment, template)}, "
                f"which holds nothing of {name}; expected the one that it began in, or a fresh "
                "run without --resume"
            )
        experiment.prepare()
        archive.restore(name)
        if note:
            print(note, flush=True)
        return start(settings, experiment, optimiser, template, lock)


def check_meter(settings: Settings, request: flags.Request) -> None:
    """Sees that power and energy can be measured here if they are asked for."""
    asked = {*settings.metrics, *request.constraints} & {"power", "energy"}
    if asked or settings.meter != "auto":
        from hwsearch.meters import choose  # noqa: PLC0415 - not for --help

        for name, meter in choose(settings.meter, asked).items():
            fields = " and ".join(channel.field for channel in meter.channels())
            print(f"{name} is measured with {meter.name} ({fields})", flush=True)


def reached(
    settings: Settings,
    experiment: Experiment,
    optimiser: Optimiser,
    template: Template,
    make: bool = True,
) -> set[str]:
    """The names of runs that the database keeps; an error if it cannot be reached.

    A file that is not there keeps none; it is made if `make`, which shows that it can be.
    """
    if not optimiser.ours:
        return set()
    from spearmint.database import is_sqlite  # noqa: PLC0415 - not for --help

    address = optimiser_config(settings, experiment, template).address
    file = Path(address.removeprefix("sqlite:"))
    # The experiment's own folder for it is made later.
    wait = not make or file.parent == experiment.database_dir
    if is_sqlite(address) and not file.exists() and wait:
        return set()
    with connected(settings, experiment, template) as database:
        return set(database.experiments())


def optimiser_config(settings: Settings, experiment: Experiment, template: Template) -> Any:
    """What the optimiser makes of config.json: addresses are resolved, and faults are found."""
    from spearmint.config import parse  # noqa: PLC0415 - not for --help

    document = handover.config(settings, template)
    return parse(document, folder=experiment.spearmint_dir, files=False)


def shown_address(settings: Settings, experiment: Experiment, template: Template) -> str:
    """The database's address without its password."""
    from spearmint.database import without_password  # noqa: PLC0415 - not for --help

    return without_password(optimiser_config(settings, experiment, template).address)


def connected(settings: Settings, experiment: Experiment, template: Template) -> Any:
    """The run's database, to be closed by `with`."""
    from spearmint.database import connect  # noqa: PLC0415 - may load pymongo

    config = optimiser_config(settings, experiment, template)
    return contextlib.closing(connect(config.address, config.database))


def new_name(experiment: Experiment, taken: set[str]) -> str:
    """`hyperpower-<stamp>`, with a number behind it if there is such a run already."""
    stamp = time.strftime("hyperpower-%Y%m%d-%H%M%S")
    archive = Archive(experiment)
    taken = taken | {*archive.former_runs(), str(archive.current_run())}
    names = itertools.chain([stamp], (f"{stamp}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def calibrate(settings: Settings, request: flags.Request, experiment: Experiment) -> None:
    """Finds the bounds that were given as shares of random networks, in a process of its own."""
    if not request.shares:
        return
    shares = list(request.shares.items())
    command = [sys.executable, str(ROOT / "hyperpower.py"), "--calibrate", str(experiment.folder)]
    command += ["--metrics", *(name for name, _ in shares)]
    command += ["--share", *(repr(share) for _, share in shares)]
    command += ["--seed", str(settings.seed), "--meter", settings.meter]
    if settings.profile_batch_size:
        command += ["--batch-size", str(settings.profile_batch_size)]
    status = child_process.run(command, quiet=True)
    if status in (130, 143):
        raise KeyboardInterrupt
    if status:
        got = ", ".join(f"{share:g}% for {name}" for name, share in shares)
        raise UserError(f"--constraint_val: got {got}, which cannot be measured here; see above")
    found = experiment.load_calibration()
    settings.constraints = {
        name: found[name]["bound"] if bound is None else bound
        for name, bound in request.constraints.items()
    }


def start(
    settings: Settings, experiment: Experiment, optimiser: Optimiser, template: Template, lock: int
) -> int:
    """Writes what the run needs, starts the optimiser, waits for it, and reports."""
    Settings.from_json(settings.to_json(), "settings")  # calibrated bounds are checked here
    experiment.save_template(template)
    # Another optimiser knows of no more than the tasks.
    only = None if optimiser.ours else settings.metrics
    write_atomic(experiment.mainrun, handover.mainrun(ROOT, only))
    write_json(experiment.config_file, handover.config(settings, template))
    experiment.save_settings(settings)
    for line, text in keras2.old_spellings(template.python()):
        print(f"note: {template.path}:{template.template_line(line)}: {text}")
    print(headline(settings, template), flush=True)
    command = [sys.executable, str(optimiser.main), str(experiment.spearmint_dir)]
    if optimiser.ours and settings.debug:
        command.insert(2, "--debug")
    # Ours ends by itself at config.json's max-time.
    stop_after_s = None if optimiser.ours else settings.max_time
    status = child_process.run(command, stop_after_s=stop_after_s, keep_open=[lock])
    if optimiser.ours:
        try:
            report(settings, experiment, template)
        except OptimiserError:
            if not status:
                raise  # else the optimiser has said it
    return status


def headline(settings: Settings, template: Template) -> str:
    """What is searched for, in a line or two."""
    bounds = [
        f"{name} below {formatting.bound(name, bound)}"
        + (f" ({settings.shares[name]:g}% of random networks)" if name in settings.shares else "")
        for name, bound in settings.constraints.items()
    ]
    return (
        f"run {settings.experiment_name}: {len(template.hyperparameters)} hyper-parameters, "
        f"{settings.optimize} as low as possible" + (f" with {', '.join(bounds)}" if bounds else "")
    )


def report(settings: Settings, experiment: Experiment, template: Template) -> None:
    """Prints what the run has found so far."""
    from hwsearch.report.summary import summary  # noqa: PLC0415 - not for --help

    with connected(settings, experiment, template) as database:
        jobs = database.jobs(settings.experiment_name)
    if jobs:
        print(f"\n{summary(settings, jobs, experiment)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

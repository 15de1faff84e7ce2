"""Starts a run afresh, or resumes one."""

from __future__ import annotations

from hwsearch.budget import Bound
from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment, Settings, first_points
from hwsearch.experiment.run_lock import run_lock
from hwsearch.experiment.sweep import following
from hwsearch.launch import pauses, script_modules
from hwsearch.launch.command import bounds
from hwsearch.launch.command.request import Request
from hwsearch.launch.earlier_runs.resuming import check_template, merged
from hwsearch.launch.earlier_runs.run_names import new_name, wanted_run
from hwsearch.launch.machine import libraries
from hwsearch.launch.machine.meter_check import check_meter
from hwsearch.launch.new_bounds.rebounding import follow_bounds
from hwsearch.launch.optimiser import ROOT, OpenResults, Optimiser
from hwsearch.launch.profiling import calibrate, measuring_batch, profile
from hwsearch.launch.run import Run
from hwsearch.metrics import metric
from hwsearch.printing import one_line
from hwsearch.template import Template


def launch(request: Request, open_results: OpenResults) -> int:
    """Starts or resumes a run and reports it; returns the exit status.

    Args:
        request: What the flags ask for.
        open_results: Opens the database of our optimiser.

    Raises:
        UserError: Something in the request is wrong; nothing was moved or written.
    """
    experiment = Experiment(request.experiment)
    experiment.check()
    optimiser = Optimiser.chosen(open_results)
    template = Template.from_file(experiment.template)
    libraries.check()
    script_modules.check(template)
    _check_points(request, template, optimiser)
    if not request.resume:
        return _fresh(request, experiment, template, optimiser)
    if not experiment.tmp.is_dir():
        wanted_run(experiment, request.resume)  # raises, before a folder for the lock is created
    return _resumed(request, experiment, template, optimiser)


def _check_points(request: Request, template: Template, optimiser: Optimiser) -> None:
    """Checks the points of --enqueue, whose values are then those of the script.

    Raises:
        UserError: They do not fit to the template, or the optimiser does not know such points.
    """
    points = request.given.get("enqueue")
    if points is None:
        return
    if not optimiser.ours:
        raise UserError(
            "--enqueue: given with SPEARMINT_ROOT, whose optimiser has no first points; "
            "expected only one of the two"
        )
    request.given["enqueue"] = first_points.checked(points, template)


def _fresh(
    request: Request, experiment: Experiment, template: Template, optimiser: Optimiser
) -> int:
    """Starts a run under a new name; the files of the previous run are moved aside."""
    database = request.database or optimiser.default_database
    settings = Settings(
        "new",
        constraints=request.constraints,
        shares=request.shares,
        database=database,
        **request.given,
    )
    optimiser.check_method(settings)
    pauses.check_size(request.given, settings)
    check_meter(settings)
    note = measuring_batch.choose(settings, template)
    run = Run(settings, experiment, template, optimiser, plain=request.plain)
    taken = run.results.runs(create=True) if run.results else set()
    if run.results:
        run.results.check_schedulers()
    run.learn()
    profile.check(request, settings, experiment)
    run.rename(new_name(experiment, taken))
    experiment.prepare()
    with run_lock(experiment) as lock:
        archive = Archive(experiment)
        aside = archive.put_aside()
        if aside:
            print(f"files of the previous run were moved to {one_line(aside)}", flush=True)
        for line in filter(None, [note, *bounds.notes(request.constraints)]):
            print(line, flush=True)
        try:
            profile.models(request, settings, experiment, plain=run.plain)
            # a bound that is given as a percentage
            settings.constraints |= _bounds(run)
        except BaseException:
            if aside:
                experiment.calibration_file.unlink(missing_ok=True)
                archive.restore(aside.name)
            raise
        return _start(run, lock)


def _start(run: Run, lock: int) -> int:
    """Starts a run, then the search with each further budget of a sweep; returns the status."""
    seconds = run.document.get("max-time")  # for each budget that this start searches
    status = run.start(lock)
    while not status and run.results is not None:
        settings = following(run.settings)
        if settings is None:
            break
        program = ROOT / "hyperpower.py"
        follow_bounds(settings, run.experiment, run.results, program, plain=run.plain)
        run = Run(settings, run.experiment, run.template, run.optimiser, plain=run.plain)
        if seconds is not None:
            run.document["max-time"] = seconds
        run.learn()
        status = run.start(lock)
    return status


def _bounds(run: Run) -> dict[str, Bound]:
    """The bounds that are given as percentages, on the GPU of the first job."""
    program, gpu = ROOT / "hyperpower.py", _first_gpu(run)
    return calibrate.bounds(run.settings, run.experiment, program, gpu, plain=run.plain)


def _first_gpu(run: Run) -> str:
    """The UUID of the GPU of the first job; "" if jobs need no choice."""
    return run.gpus[0].uuid if run.gpus else ""


def _resumed(
    request: Request, experiment: Experiment, template: Template, optimiser: Optimiser
) -> int:
    """Continues the latest or the named run."""
    with run_lock(experiment) as lock:
        name = wanted_run(experiment, request.resume)
        archive = Archive(experiment)
        files = archive.files_of(name)
        before = files.load_settings()
        settings = merged(before, request)
        pauses.check_size(request.given, settings)
        settings.database = request.database or settings.database
        optimiser.check_method(settings)
        notes = check_template(files, template) + script_modules.changes(files, template)
        _, outside = first_points.for_config(settings.enqueue, template)
        notes += [
            f"note: {place}: outside the template's current ranges; not tried" for place in outside
        ]
        if not _was_measured(before):
            notes += filter(None, [measuring_batch.choose(settings, template)])
        check_meter(settings)
        if settings.constraints != before.constraints and not optimiser.ours:
            raise UserError(
                f"--resume: got other bounds than {name} has; expected the same, since "
                "SPEARMINT_ROOT names another optimiser"
            )
        run = Run(settings, experiment, template, optimiser, request.retry_broken, request.plain)
        _check_results(run, has_jobs=archive.has_jobs(name))
        if settings.constraints != before.constraints or not files.learned_file.is_file():
            run.learn()
        profile.check(request, settings, experiment)
        experiment.prepare()
        archive.restore(name)
        for note in [*notes, *bounds.notes(request.constraints)]:
            print(note, flush=True)
        profile.models(request, settings, experiment, plain=run.plain)
        if settings.former_constraints and run.results is not None:
            program, gpu = ROOT / "hyperpower.py", _first_gpu(run)
            follow_bounds(settings, experiment, run.results, program, gpu, plain=run.plain)
        return _start(run, lock)


def _was_measured(settings: Settings) -> bool:
    """Whether a run has measured networks: under its bounds, or under former ones."""
    former = (name for entries in settings.former_constraints for name in entries)
    return any(metric(name).needs_device for name in (*settings.metrics, *former))


def _check_results(run: Run, *, has_jobs: bool) -> None:
    """Checks that a run which has jobs is resumed with the database that keeps them."""
    if run.results is None:
        return
    run.results.check_schedulers()
    name = run.settings.experiment_name
    if name not in run.results.runs(create=not has_jobs) and has_jobs:
        raise UserError(
            f"--resume: got the database {run.results.address}, which has no jobs of {name}; use "
            "the database the run was started with, or start a fresh run without --resume"
        )

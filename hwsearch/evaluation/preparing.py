"""The beginning of an evaluation: the job's script, and what is known from it alone."""

from __future__ import annotations

from hwsearch.atomic_files import write_atomic
from hwsearch.evaluation.errors import MachineError
from hwsearch.evaluation.job import Job
from hwsearch.keras_runtime import versions
from hwsearch.measurements import Measurements
from hwsearch.network.network import Network
from hwsearch.network.program import imports, rendered_script
from hwsearch.printing import one_line


def render(job: Job) -> None:
    """Writes the job's script, which runs by itself and builds the same network each time.

    Raises:
        MachineError: It cannot be written.
    """
    text = rendered_script.standalone(
        job.template.render(job.params),
        home=job.experiment.template,
        seed=job.seed,
        title=f"job {job.id} of {job.settings.experiment_name}",
    )
    try:
        job.script.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(job.script, text.encode(job.template.encoding))
    except OSError as error:
        place = one_line(job.script)
        raise MachineError(f"{place}: cannot be written: {error.strerror}") from error
    print(f"script: {one_line(job.script)}")


def described(job: Job, network: Network) -> Measurements:
    """What is known before anything is measured."""
    return Measurements(
        script=job.script.relative_to(job.experiment.folder).as_posix(),
        hyperparameters=job.template.active_values(job.params),
        seed=job.seed,
        batch_size=network.batch_size,
        notes=(*network.notes, *_changed_modules(job)),
        validation=network.split,
        versions=versions(),
    )


def _changed_modules(job: Job) -> tuple[str, ...]:
    """Notes about modules beside the template that are not as they were when the run began."""
    before = job.experiment.load_modules()
    if before is None:
        return ()
    now = imports.own_texts(job.template.python(), job.experiment.template.parent)
    notes = [
        f"{name} {what} since the run began" for name, what in imports.differences(before, now)
    ]
    for note in notes:
        print(f"note: {one_line(note)}")
    return tuple(notes)

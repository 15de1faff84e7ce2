"""Entry point: predicts what a network costs on this machine.

python -m hwsearch.predict experiments/digits/tmp/00000014_keras_net.py
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.predict import flags
from hwsearch.predict.flags import Request
from hwsearch.printing import one_line

if TYPE_CHECKING:
    from hwsearch.network.network import Network
    from hwsearch.predicting.features import Structure
    from hwsearch.predicting.hardware_model import HardwareModel, MetricModel


def run(argv: Sequence[str]) -> int:
    """Predicts, and prints it; returns the exit status.

    Raises:
        UserError: The request is wrong, the network cannot be built or counted, or there are too
            few profiles of this machine.
    """
    request = flags.read(argv)
    script, experiment = _places(request)
    # Only now: importing Keras takes seconds.
    from hwsearch.costs import counts_of  # noqa: PLC0415
    from hwsearch.experiment.other_profiles import other_profiles  # noqa: PLC0415
    from hwsearch.network_records import platform_here, structure_of  # noqa: PLC0415
    from hwsearch.predict.statement import statement  # noqa: PLC0415
    from hwsearch.predicting.features import exact_counts  # noqa: PLC0415
    from hwsearch.predicting.store import Store  # noqa: PLC0415

    here, source = platform_here(), request.learn_costs_from
    more = {}
    if source is not None:
        more[Path(source).resolve().name] = other_profiles(source, experiment, here)
    model = Store(experiment.hardware).model(here, more=more)
    network = _network(script)
    counts = counts_of(network)
    structure = structure_of(network, counts, request.batch_size or _batch(model))
    print(one_line(script))
    print(statement(model, structure, exact_counts(counts)))
    if counts.uncounted:
        unknown = ", ".join(counts.uncounted)
        print(f"note: predictions leave out the MACs of layers that cannot be counted: {unknown}")
    return 0


def _places(request: Request) -> tuple[Path, Experiment]:
    """The script, and the experiment whose profiles are used."""
    given = Path(request.script)
    if given.is_dir():
        experiment = Experiment(given)
        experiment.check()
        return experiment.rendered(_job(request, experiment)), experiment
    if not given.is_file():
        raise UserError(
            f"SCRIPT: got {one_line(given)}, which does not exist; expected a Keras script, or an "
            "experiment's folder"
        )
    if request.job is not None:
        raise UserError("--job: given with a script; expected the experiment's folder")
    if request.experiment is not None:
        experiment = Experiment(request.experiment)
        experiment.check()
        return given, experiment
    for folder in given.resolve().parents:
        if Experiment(folder).template.is_file():
            return given, Experiment(folder)
    raise UserError(
        f"--experiment: got nothing, and {one_line(given)} is not in an experiment; expected the "
        "folder of an experiment with profiles"
    )


def _job(request: Request, experiment: Experiment) -> int:
    """The job that is named, or the best one."""
    job = request.job
    if job is None:
        best = experiment.best(experiment.run_name() or "")
        if best is None:
            raise UserError(
                f"--job: got nothing, and {one_line(experiment.folder)} has no best network; "
                "expected the number of a job of the latest run"
            )
        job = best.job
    if not experiment.rendered(job).is_file():
        raise UserError(
            f"--job: got {job}, whose script is not in {one_line(experiment.tmp)}; expected a job "
            "of the latest run"
        )
    return job


def _network(script: Path) -> Network:
    """The network of a script, which need not be one that a run has written."""
    from hwsearch.network.network import Network  # noqa: PLC0415
    from hwsearch.network.program import rendered_script  # noqa: PLC0415 - imports Keras

    raw = script.read_bytes()
    if rendered_script.END.encode() in raw:
        return Network.from_script(script, 0, scored=False)
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        copy = Path(folder, script.name)
        try:
            text = rendered_script.standalone(
                raw.decode("utf-8-sig"), home=script.resolve(), seed=0, title="a script"
            )
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            place = one_line(script) + (f":{line}" if line else "")
            what = getattr(error, "msg", error)  # without the name "<unknown>"
            raise UserError(
                f"{place}: got invalid Python ({what}); expected a Keras script without HYPERPARAM"
            ) from None
        copy.write_text(text, encoding="utf-8")
        return Network.from_script(copy, 0, scored=False)


def _networks(entry: MetricModel) -> tuple[Structure, ...]:
    """Those of the template, or of others if it has none."""
    return entry.own.structures or entry.others.structures


def _batch(model: HardwareModel) -> int | None:
    """The batch size of all profiles; None if they have several."""
    sizes = {one.batch for entry in model.metrics.values() for one in _networks(entry)}
    return int(sizes.pop()) if len(sizes) == 1 else None


def main() -> int:
    """Runs the command line; returns the exit status."""
    return exit_status(lambda: run(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

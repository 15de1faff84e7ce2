"""One trial of another optimiser: the code that HyperPower's jobs run, in a process of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hwsearch.budget import Bound
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch import script_modules
from hwsearch.template import Template

#: What the fork server imports, as HyperPower's own does (hwsearch/launch/handover.py).
PRELOADED = ["hwsearch.keras_runtime", "hwsearch.evaluation", "hyperpower"]


def prepare(folder: Path, bound: Bound, seed: int, epochs: int | None, *, gated: bool) -> None:
    """Writes what `gener_experiment.py` would write for a run, without an optimiser.

    Args:
        folder: An experiment with a template.
        bound: Seconds per image.
        seed: Of the run.
        epochs: Per training; None for the script's own.
        gated: Whether a network over the bound is measured only.
    """
    experiment = Experiment(folder)
    template = Template.from_file(experiment.template)
    experiment.prepare()
    experiment.save_template(template, script_modules.texts(template))
    experiment.save_settings(
        Settings(
            "peer",
            optimize="error",
            constraints={"runtime": bound},
            seed=seed,
            epochs=epochs,
            unaware=not gated,
        )
    )


def evaluate(folder: Path, number: int, params: Mapping[str, Any], answer: Connection) -> None:
    """Sends what `hyperpower.main` returns, or the error's text; output goes to a file."""
    import hyperpower

    experiment = Experiment(folder)
    os.chdir(experiment.spearmint_dir)
    experiment.output_dir.mkdir(exist_ok=True)
    output = experiment.output_dir / f"{number:08d}.out"
    with output.open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        try:
            answer.send(hyperpower.main(number, params))
        except Exception as error:
            answer.send(f"{type(error).__name__}: {error}")

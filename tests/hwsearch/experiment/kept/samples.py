"""Networks to keep, and an experiment to keep them in."""

from __future__ import annotations

from pathlib import Path

from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.measurements import Quantity

SETTINGS = Settings("run", "error", {"power": 85.0}, keep_models=2)


def prepared(folder: Path, settings: Settings = SETTINGS) -> Experiment:
    """An experiment whose run is in place."""
    made = Experiment(folder)
    made.prepare()
    made.save_settings(settings)
    return made


def network(job: int, error: float = 5.0, power: float = 80.0, change: int = 0) -> BestNetwork:
    return BestNetwork(
        "run",
        job,
        "error",
        error,
        values={"error": error, "power": 85.0 - power},
        loading="model",
        script=f"tmp/{job:08d}_keras_net.py",
        hyperparameters={"units_|": 8},
        seed=7,
        metrics={"error": Quantity(error, 0.1), "power": Quantity(power)},
        change=change,
        versions={"python": "3.12.1", "keras": "3.13.2", "backend": "jax", "jax": "0.9"},
    )

"""Runs one job of experiments/digits on the backend in KERAS_BACKEND; prints what it returns."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import hyperpower  # noqa: E402
from hwsearch.experiment import Experiment  # noqa: E402
from hwsearch.experiment.settings import Settings  # noqa: E402
from hwsearch.template import Template  # noqa: E402

PARAMS = {
    "conv_blocks": 1,
    "conv_features": 2,
    "conv_kernel": 3,
    "pooling": "max",
    "activation": "relu",
    "dense_units": 5,
    "batch_size": 5,
    "learning_rate": 1.5,
    "momentum": 0.9,
    "weight_decay": 4.0,
    "dropout": 0.1,
}


def main() -> int:
    experiment = Experiment(sys.argv[1])
    shutil.copytree(
        ROOT / "experiments" / "digits" / "keras_model", experiment.folder / "keras_model"
    )
    experiment.prepare()
    experiment.save_template(Template.from_file(experiment.template))
    bounds = {"runtime": 1.0, "macs": 1e9, "val_loss": 1e9, "training_time": 1e9}
    experiment.save_settings(Settings("run", "error", bounds, epochs=1, profile_time_limit=0.3))
    os.chdir(experiment.spearmint_dir)
    print(json.dumps(hyperpower.main(1, PARAMS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

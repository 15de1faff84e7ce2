"""Trains and profiles every network of a sub-space of experiments/digits: the table of networks.

    python benchmarks/optimiser/digits_table/make.py [--epochs 8]
    python benchmarks/optimiser/digits_table/make.py --curves

The second command trains them again for `curves.csv`: the validation error after each epoch.
Appends a structure's rows to `digits.csv` and skips what is there, so it can be stopped at any
time. What a network costs does not depend on its learning rate: each structure is profiled once,
and its compiled training step is used for all learning rates, from fresh weights each time.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))
# One thread: others use this machine, and latency should not depend on how many cores are free.
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
os.environ["KERAS_BACKEND"] = "tensorflow"

from benchmarks.optimiser.digits_table import table_file  # noqa: E402
from benchmarks.optimiser.digits_table.table_file import KEYS  # noqa: E402

TEMPLATE = ROOT / "experiments" / "digits" / "keras_model" / "network_def.py"
TABLE = HERE / "digits.csv"

#: The sub-space, every combination of it, and what the template's tokens get for its values.
BLOCKS = (1, 2, 3)
FEATURES_LOG2 = (0, 1, 2, 3)  # conv_features 1, 2, 4, 8: 4 to 32 in the first block
KERNEL = (3, 5)
ACTIVATION = ("relu", "tanh")
UNITS_LOG4 = (2, 3, 4)  # dense_units 4, 6, 8: 16, 64, 256
RATE = (0, 1, 2, 3, 4)  # learning_rate exponent 0.5 + 0.75 v: 0.32 down to 0.00032
#: The template's other tokens.
FIXED = {"pooling": "max", "batch_size": 6, "momentum": 0.9, "weight_decay": 4.0, "dropout": 0.2}
COLUMNS = (
    *KEYS,
    "error",
    "params",
    "macs",
    "memory_bytes",
    "runtime_s",
    "runtime_std_error_s",
    "latency_s",
    "final_loss",
    "train_s",
)
SEED = 1
PROFILE_BATCH = 64


def tokens(structure: tuple[Any, ...], rate: int) -> dict[str, Any]:
    """What the template gets for one row of the table."""
    blocks, features, kernel, activation, units = structure
    return FIXED | {
        "conv_blocks": blocks,
        "conv_features": 2**features,
        "conv_kernel": kernel,
        "activation": activation,
        "dense_units": 2 * units,
        "learning_rate": 0.5 + 0.75 * rate,
    }


def build(script: str) -> dict[str, Any]:
    """Runs a rendered script up to its call of `fit`; its names."""
    import keras

    from hwsearch.network.capture import capturing
    from hwsearch.network.errors import ScriptStoppedError

    keras.utils.set_random_seed(SEED)
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(TEMPLATE)}
    with capturing(TEMPLATE), contextlib.suppress(ScriptStoppedError):
        exec(compile(script, str(TEMPLATE), "exec"), names)
    return names


def costs(names: dict[str, Any], load: Any) -> dict[str, Any]:
    """Counted and measured costs of a network."""
    from hwsearch.counting import count
    from hwsearch.measuring.profile_settings import ProfileSettings
    from hwsearch.measuring.profiler import profile

    counts = count(names["model"])
    runtime = profile(load, {"runtime"}, ProfileSettings(time_limit_s=2.0)).quantities["runtime"]
    return {
        "params": counts.params,
        "macs": counts.macs,
        "memory_bytes": counts.weight_bytes + PROFILE_BATCH * counts.activation_bytes,
        "runtime_s": f"{runtime.value:.5g}",
        "runtime_std_error_s": f"{runtime.std_error:.3g}",
    }


def latencies(load: Any, runs: int = 100) -> list[float]:
    """Seconds of single batches."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        load.run()
        times.append(time.perf_counter() - start)
    return times


def train(model: Any, fresh: dict[str, Any], rate: float, epochs: int) -> dict[str, Any]:
    """Trains `model` from the weights of a freshly built one; error in % on `x_val`."""
    model.set_weights(fresh["model"].get_weights())
    for variable in model.optimizer.variables:
        variable.assign(0 * variable.value)
    model.optimizer.learning_rate = rate
    start = time.perf_counter()
    history = model.fit(
        fresh["x_train"],
        fresh["y_train"],
        batch_size=fresh["batch_size"],
        epochs=epochs,
        verbose=0,
    )
    _, accuracy = model.evaluate(fresh["x_val"], fresh["y_val"], batch_size=400, verbose=0)
    return {
        "error": f"{100 * (1 - accuracy):.2f}",
        "final_loss": f"{history.history['loss'][-1]:.4g}",
        "train_s": f"{time.perf_counter() - start:.2f}",
    }


def learning_rate(rate: int) -> float:
    """The learning rate of a value of the template's token."""
    return 10 ** -(0.5 + 0.75 * rate)


def left(path: Path, most: int | None) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    """The structures with networks that have no row in a file, and these networks' rates.

    Args:
        path: The file.
        most: Structures at most; None = all.

    Yields:
        Values of `KEYS` but the last one, and the missing values of that one. What Keras holds of a
        structure is released before the next one.
    """
    import keras

    done = table_file.present(path)
    # Complete for one kernel size before the next begins.
    every = itertools.product(KERNEL, ACTIVATION, BLOCKS, FEATURES_LOG2, UNITS_LOG4)
    made = 0
    for kernel, activation, blocks, features, units in every:
        structure = (blocks, features, kernel, activation, units)
        missing = [rate for rate in RATE if (*map(str, structure), str(rate)) not in done]
        if not missing:
            continue
        yield structure, missing
        keras.backend.clear_session()
        gc.collect()
        made += 1
        if made == most:
            return


def add_curves(template: Any, most: int | None) -> None:
    """Trains what has no curve yet, at most so many structures."""
    from benchmarks.optimiser.digits_table import curves

    for structure, missing in left(curves.CURVES, most):
        start = time.perf_counter()
        network = curves.Structure(build(template.render(tokens(structure, RATE[0]))), SEED)
        keys = [dict(zip(KEYS, (*structure, rate), strict=True)) for rate in missing]
        rows = [key | network.curve(learning_rate(key["rate"])) for key in keys]
        table_file.append(curves.CURVES, curves.COLUMNS, rows)
        print(structure, f"{time.perf_counter() - start:.1f} s", flush=True)


def main() -> int:
    """Makes the rows that are missing."""
    parser = argparse.ArgumentParser(description="Make the table of networks.")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--structures", type=int, help="stop after that many structures")
    parser.add_argument("--curves", action="store_true", help="the error after each epoch")
    args = parser.parse_args()

    import numpy as np
    import tensorflow as tf

    from hwsearch.measuring.inference_load import InferenceLoad
    from hwsearch.template import Template

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    template = Template.from_file(TEMPLATE)
    if args.curves:
        add_curves(template, args.structures)
        return 0
    for structure, missing in left(TABLE, args.structures):
        start = time.perf_counter()
        first = build(template.render(tokens(structure, missing[0])))
        load = InferenceLoad(first["model"], first["x_test"], PROFILE_BATCH)
        cost = costs(first, load)
        rows, times = [], latencies(load)
        for rate in missing:
            fresh = build(template.render(tokens(structure, rate)))
            outcome = train(first["model"], fresh, learning_rate(rate), args.epochs)
            rows.append(dict(zip(COLUMNS, (*structure, rate), strict=False)) | cost | outcome)
            times += latencies(load)
        # Others' work only ever adds time; a low quantile of what is spread over the whole of the
        # trainings is the network's own.
        latency = {"latency_s": f"{np.quantile(times, 0.05):.5g}"}
        table_file.append(TABLE, COLUMNS, [row | latency for row in rows])
        print(
            structure,
            cost["runtime_s"],
            latency,
            f"{time.perf_counter() - start:.1f} s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The error of measured peak memory on a CPU, for known sizes.

    python benchmarks/measuring/memory.py [--batch 32]
    python benchmarks/measuring/memory.py --others 40 [--batch 128]

First arrays of known size. Then networks of increasing size in one process, the largest also before
the smallest: the measured peak of one batch, next to weights and activations computed from the
model (`hwsearch.counting`), which do not include the kernels' own buffers. Last the same batch in
training.

With `--others` instead: one network, profiled in a process of its own, as jobs and calibrations do,
and in one that has profiled so many other networks before.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from networks import DIGITS_SIZES, cifar10, digits

MIB = 2**20
#: The size of the network that is measured after others, of 0 to 9.
SIZE = 4
SCRIPT = """
import numpy as np
from networks import cifar10

random = np.random.default_rng(0)
x_train = random.integers(0, 256, (1200, 32, 32, 3)).astype("uint8")
y_train = random.integers(0, 10, 1200)
x_test, y_test, batch_size = x_train[:600], y_train[:600], {batch}
model = cifar10({step})
model.compile("sgd", "sparse_categorical_crossentropy")
"""


def networks() -> list[tuple[str, Callable[[], Any]]]:
    """Names and constructors; the largest network comes early, to show that it leaves no trace."""
    sizes = [("digits " + size, partial(digits, size)) for size in DIGITS_SIZES]
    steps = [(f"cifar10 {step}", partial(cifar10, step)) for step in (9, 0, 3, 6, 9)]
    return [*sizes, *steps, sizes[0]]


def _touch(size: int) -> int:
    """Allocates this many bytes and writes to each."""
    import numpy as np

    return int(np.ones(size, np.uint8).sum())


def _profiled(step: int, batch: int) -> float:
    """MiB of a network at one size, from a script and with a profile, as a calibration does it."""
    from hwsearch.calibration import QUICK
    from hwsearch.costs import costs_of
    from hwsearch.network.network import Network

    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "network.py")
        script.write_text(SCRIPT.format(step=step, batch=batch), encoding="utf-8")
        network = Network.from_script(script, 0)
        return costs_of(network, ["memory", "runtime"], {}, QUICK).values["memory"] * 1024


def after_others(count: int, batch: int) -> None:
    """Prints the memory of one network, alone and after others in its process."""
    command = [sys.executable, __file__, "--others", "0", "--batch", str(batch)]
    for _ in range(3 if count else 0):
        subprocess.run(command, check=True)
    print(f"in a fresh process    {_profiled(SIZE, batch):8.2f} MiB", flush=True)
    sizes = random.Random(0)
    for number in range(1, count + 1):
        _profiled(sizes.randrange(10), batch)
        if number % 10 == 0:
            print(f"after {number:>3} others     {_profiled(SIZE, batch):8.2f} MiB", flush=True)


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=32, help="images per batch (default: 32)")
    parser.add_argument("--others", type=int, help="profile a network after so many others")
    given = parser.parse_args()
    batch = given.batch
    if given.others is not None:
        after_others(given.others, batch)
        return 0
    from hwsearch.keras_runtime import keras  # noqa: I001 - first: it silences TensorFlow
    import numpy as np
    from hwsearch.counting import count
    from hwsearch.measuring.inference_load import InferenceLoad
    from hwsearch.measuring.peak_memory import inference_peak, measure_peak
    from hwsearch.measuring.memory_sources import peak_source

    print(f"source: {peak_source().field}; Keras {keras.__version__} on {keras.backend.backend()}")
    print(f"{'array of MiB':<18}{'measured MiB':>14}{'excess':>10}")
    for size in (1, 4, 16, 64, 256):
        peak = measure_peak(partial(_touch, size * MIB)).bytes / MIB
        print(f"{size:<18}{peak:>14.2f}{peak - size:>10.2f}")

    print(
        f"\n{'network':<18}{'weights':>9}{'activations':>13}{'computed':>10}{'measured':>10}"
        f"{'spread':>8}{'ratio':>7}{'training':>10}   (MiB, batches of {batch})"
    )
    excess = []
    for name, make in networks():
        model = make()
        counts = count(model)
        shape, kind = model.input_shape[1:], model.inputs[0].dtype
        images = np.random.default_rng(0).integers(0, 2, (batch, *shape)).astype(kind)
        labels = np.zeros(batch, "int32")
        reading = inference_peak(InferenceLoad(model, images, batch))
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.train_on_batch(images, labels)
        training = measure_peak(partial(model.train_on_batch, images, labels))
        weights, activations = counts.weight_bytes / MIB, batch * counts.activation_bytes / MIB
        measured = reading.bytes / MIB
        spread = (max(reading.peaks) - min(reading.peaks)) / MIB
        computed = weights + activations
        if computed >= 10:
            excess.append(measured / computed)
        print(
            f"{name:<18}{weights:>9.2f}{activations:>13.2f}{computed:>10.2f}{measured:>10.2f}"
            f"{spread:>8.2f}{measured / computed:>7.2f}{training.bytes / MIB:>10.2f}"
        )
    found = f"{min(excess):.2f} to {max(excess):.2f}" if excess else "no such network"
    print(f"measured / computed above 10 MiB: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

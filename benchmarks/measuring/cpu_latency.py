"""How much the measured time of one network varies from profile to profile on this CPU.

    python benchmarks/measuring/cpu_latency.py [--rounds 8] [--batch 64]

Each round is a process of its own, as jobs are, and profiles the digits network at five sizes with
the default settings. Rounds run first on the machine as it is, then while another process keeps one
core busy half of the time. The table shows the coefficient of variation over the rounds (standard
deviation divided by mean) of the metric `runtime`, and of the plain median time for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from networks import DIGITS_SIZES, ROOT, digits

BUSY = """
import time
import numpy as np
a = np.ones((400, 400), "float32")
while True:
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        a @ a
    time.sleep(0.5)
"""


def variation(values: Sequence[float]) -> float:
    """Standard deviation over mean, in %."""
    return 100 * statistics.stdev(values) / statistics.fmean(values)


def one_round(batch: int) -> None:
    """Profiles all sizes in this process; prints one JSON line per size."""
    from hwsearch.keras_runtime import keras  # noqa: F401, I001 - first: it silences TensorFlow
    import numpy as np
    from hwsearch.counting import count
    from hwsearch.measuring.inference_load import InferenceLoad
    from hwsearch.measuring.profiler import profile

    images = np.random.default_rng(0).random((batch, 8, 8, 1), "float32")
    for size in DIGITS_SIZES:
        model = digits(size)
        measured = profile(InferenceLoad(model, images, batch), {"runtime"})
        runtime = measured.quantities["runtime"]
        assert measured.latency is not None
        line = {
            "size": size,
            "macs": count(model).macs,
            "runtime_s": runtime.value,
            "error": runtime.relative_error,
            "median_s": measured.latency.median_s / batch,
            "seconds": measured.seconds,
        }
        print(json.dumps(line), flush=True)


@contextmanager
def competing(load: bool) -> Iterator[None]:
    """Runs another process that computes, if `load`."""
    if not load:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", BUSY]) as other:
        try:
            yield
        finally:
            other.kill()


def rounds(count: int, batch: int, load: bool) -> list[dict[str, Any]]:
    """The profiles of `count` rounds."""
    lines = []
    for number in range(count):
        with competing(load):
            command = [sys.executable, __file__, "--one-round", "--batch", str(batch)]
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
            )
        if done.returncode:
            raise SystemExit(done.stderr)
        lines += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        busy = os.getloadavg()[0]
        print(f"round {number + 1} of {count}: load average {busy:.1f}", file=sys.stderr)
    return lines


def table(lines: list[dict[str, Any]]) -> tuple[str, float]:
    """A table by size, and the largest variation of the runtime."""
    text = [
        f"{'network':<10}{'MACs':>10}{'us/image':>10}{'variation':>11}{'own error':>11}"
        f"{'median':>10}{'s/profile':>11}"
    ]
    worst = 0.0
    for size in DIGITS_SIZES:
        of_size = [line for line in lines if line["size"] == size]
        runtimes = [line["runtime_s"] for line in of_size]
        spread = variation(runtimes)
        worst = max(worst, spread)
        text.append(
            f"{size:<10}{of_size[0]['macs']:>10,}{1e6 * statistics.fmean(runtimes):>10.2f}"
            f"{spread:>10.1f}%{100 * statistics.fmean(x['error'] for x in of_size):>10.1f}%"
            f"{variation([x['median_s'] for x in of_size]):>9.1f}%"
            f"{statistics.fmean(x['seconds'] for x in of_size):>11.1f}"
        )
    return "\n".join(text), worst


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8, help="profiles per network (default: 8)")
    parser.add_argument("--batch", type=int, default=64, help="images per batch (default: 64)")
    parser.add_argument("--one-round", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.one_round:
        one_round(flags.batch)
        return 0
    if flags.rounds < 2:
        parser.error(f"--rounds: got {flags.rounds}; expected at least 2")
    results = []
    for load, title in ((False, "machine as it is"), (True, "another process on one core")):
        text, worst = table(rounds(flags.rounds, flags.batch, load))
        results.append(worst)
        print(f"{title}, {flags.rounds} rounds, batches of {flags.batch}:\n{text}\n", flush=True)
    print(f"largest variation: {results[0]:.1f} % (with another process: {results[1]:.1f} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

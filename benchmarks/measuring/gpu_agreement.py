"""Whether nvidia-smi, NVML's power field and NVML's energy counter agree about a network.

    [KERAS_BACKEND=torch|jax|tensorflow] python benchmarks/measuring/gpu_agreement.py

Profiles the CIFAR-10 network of `experiments/cifar10` at ten sizes on random images, alternately
with NVML (counter and power field at once) and with nvidia-smi, several times each. After every
size it writes all results with card, driver and versions to `results/` next to this file; at the
end it prints a table. Without a GPU: one line, exit status 2.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from networks import CIFAR10_INPUT, cifar10

HERE = Path(__file__).resolve().parent
METERS = ("nvml", "nvidia_smi")


class NoGpuError(Exception):
    """This machine cannot run the benchmark; why, in one line."""


def one_line(error: Exception) -> str:
    """The text of an error in one line."""
    return " ".join(str(error).split())


def spread(values: Sequence[float]) -> float:
    """Standard deviation over mean, in %; NaN for fewer than two."""
    if len(values) < 2:
        return math.nan
    return 100 * statistics.stdev(values) / statistics.fmean(values)


def difference(values: Sequence[float], reference: Sequence[float]) -> float:
    """Mean of one over the other, less 1, in %; NaN if either is missing."""
    if not values or not reference:
        return math.nan
    return 100 * (statistics.fmean(values) / statistics.fmean(reference) - 1)


def describe() -> dict[str, Any]:
    """Card, driver and versions.

    Raises:
        NoGpuError: There is no GPU that NVML and the Keras backend can use.
    """
    from hwsearch.keras_runtime import keras  # noqa: I001
    from hwsearch.errors import UserError
    from hwsearch.meters import create

    for name in METERS:
        found = create(name).available()
        if not found.ok:
            why = f"{found.reason}; {found.remedy}".rstrip("; ")
            raise NoGpuError(f"no GPU to measure: {name}: {why}")
    meter = create("nvml")
    try:
        with meter:
            card = meter.describe_device()
            channels = [channel.to_json() for channel in meter.channels()]
    except UserError as error:
        raise NoGpuError(f"no GPU to measure: {error}") from error
    import pynvml

    pynvml.nvmlInit()
    driver = pynvml.nvmlSystemGetDriverVersion()
    pynvml.nvmlShutdown()
    backend = keras.backend.backend()
    return {
        "card": card,
        "driver": driver,
        "backend": f"{backend} {sys.modules[backend].__version__}",
        "keras": keras.__version__,
        "python": platform.python_version(),
        "channels": channels,
    }


def measure(step: int, batch: int, repeats: int) -> list[dict[str, Any]]:
    """Profiles of one size, with the meters alternately.

    Raises:
        NoGpuError: The Keras backend runs on the CPU, or a meter fails.
    """
    import keras
    import numpy as np

    from hwsearch.counting import count
    from hwsearch.errors import UserError
    from hwsearch.measuring.inference_load import InferenceLoad
    from hwsearch.measuring.profile_settings import ProfileSettings
    from hwsearch.measuring.profiler import profile

    model = cifar10(step)
    images = np.random.default_rng(step).integers(0, 256, (batch, *CIFAR10_INPUT), "uint8")
    load = InferenceLoad(model, images, batch)
    if not load.on_gpu:
        raise NoGpuError(
            f"Keras' {keras.backend.backend()} backend runs on the CPU here; install it with GPU "
            "support or set KERAS_BACKEND to one that has it"
        )
    counts = count(model)
    lines = []
    metrics = {"power", "energy", "runtime", "memory"}
    for repeat in range(repeats):
        for meter in METERS:
            try:
                measured = profile(load, metrics, ProfileSettings(meter=meter))
            except UserError as error:
                raise NoGpuError(f"size {step}, repeat {repeat}: {one_line(error)}") from error
            lines.append(
                {"step": step, "meter": meter, "repeat": repeat, "macs": counts.macs}
                | {"params": counts.params, "batch": batch, "profile": measured.record().to_json()}
            )
    return lines


def series(lines: Sequence[dict[str, Any]], step: int) -> dict[str, list[float]]:
    """Mean powers by source, energies and times of one size."""
    of_step = [line for line in lines if line["step"] == step]
    found: dict[str, list[float]] = {
        name: [] for name in ("counter", "field", "smi", "energy", "smi energy", "seconds")
    }
    for line in of_step:
        measured = line["profile"]
        power, energy = (measured["quantities"][name]["value"] for name in ("power", "energy"))
        found["seconds"].append(measured["seconds"])
        if line["meter"] == "nvidia_smi":
            found["smi"].append(power)
            found["smi energy"].append(energy)
            continue
        found["energy"].append(energy)
        counted = "counter" in measured["quantities"]["power"]["source"]
        found["counter" if counted else "field"].append(power)
        found["field"] += [other["value"] for other in measured["other_powers"].values()]
    return found


def table(lines: Sequence[dict[str, Any]]) -> tuple[str, float]:
    """A table by size, and the largest difference between two sources in %."""
    text = [
        f"{'size':>4}{'MMACs':>8}{'GiB':>7}{'counter W':>11}{'spread':>8}{'power field':>13}"
        f"{'spread':>8}{'nvidia-smi':>12}{'spread':>8}{'mJ/image':>10}{'smi':>8}{'s/profile':>11}"
    ]
    worst = 0.0
    for step in sorted({line["step"] for line in lines}):
        first = next(line for line in lines if line["step"] == step)
        memory = first["profile"]["quantities"]["memory"]["value"]
        found = series(lines, step)
        base = found["counter"] or found["field"]
        off = [difference(found[name], base) for name in ("field", "smi")]
        off_energy = difference(found["smi energy"], found["energy"])
        worst = max([worst, *(abs(x) for x in (*off, off_energy) if math.isfinite(x))])
        text.append(
            f"{step:>4}{first['macs'] / 1e6:>8.1f}{memory:>7.3f}{statistics.fmean(base):>11.1f}"
            f"{spread(base):>7.1f}%{off[0]:>+12.1f}%{spread(found['field']):>7.1f}%"
            f"{off[1]:>+11.1f}%{spread(found['smi']):>7.1f}%"
            f"{1e3 * statistics.fmean(found['energy']):>10.4f}{off_energy:>+7.1f}%"
            f"{statistics.fmean(found['seconds']):>11.1f}"
        )
    return "\n".join(text), worst


def results(folder: Path, machine: dict[str, Any]) -> Path:
    """The file for the results of this machine; creates its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(f"{machine['card']} {machine['backend']}".split())
    return folder / f"gpu-{''.join(c for c in name if c.isalnum() or c in '-.')}.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--repeats", type=int, default=3, help="profiles per meter and size (default: 3)"
    )
    parser.add_argument("--sizes", type=int, default=10, help="number of sizes (default: 10)")
    parser.add_argument("--batch", type=int, default=128, help="images per batch (default: 128)")
    parser.add_argument(
        "--out",
        type=Path,
        default=HERE / "results",
        help="folder for the results (default: results/ next to this file)",
    )
    flags = parser.parse_args(arguments)
    for name in ("repeats", "sizes", "batch"):
        if getattr(flags, name) < 1:
            parser.error(f"--{name}: got {getattr(flags, name)}; expected at least 1")
    lines: list[dict[str, Any]] = []
    try:
        machine = describe()
        path = results(flags.out, machine)
        steps = [round(9 * i / max(flags.sizes - 1, 1)) for i in range(flags.sizes)]
        for step in dict.fromkeys(steps):
            lines += measure(step, flags.batch, flags.repeats)
            path.write_text(json.dumps({"machine": machine, "profiles": lines}, indent=1) + "\n")
            print(f"size {step}: {len(lines)} profiles so far in {path}", file=sys.stderr)
    except NoGpuError as error:
        print(f"gpu_agreement: {error}", file=sys.stderr)
        return 2
    text, worst = table(lines)
    print(f"{machine['card']}, {machine['backend']}\n{text}\n{path}")
    print(f"largest difference: {worst:.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())

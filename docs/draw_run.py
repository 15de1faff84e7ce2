"""Draws a run: the error of its networks against the metric that has a bound.

    .venv/bin/python docs/draw_run.py --read experiments/digits   # the run's data: digits.json
    .venv-docs/bin/python docs/draw_run.py                        # the picture of it: digits.svg

Reading needs the project's environment, drawing needs Matplotlib. Both files are in docs/images.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "images" / "digits.json"
BLUE, GREY, RED = "#1f6fb4", "#8c8c8c", "#c0392b"


def read(folder: Path) -> dict[str, Any]:
    """What is drawn of the latest run of an experiment: plain numbers."""
    sys.path.insert(0, str(ROOT))
    from spearmint import config  # noqa: PLC0415 - drawing does not need it
    from spearmint.database import connect  # noqa: PLC0415

    run = config.load(folder / "spearmint")
    settings = json.loads((folder / "tmp" / "settings.json").read_text(encoding="utf-8"))
    [(metric, bound)] = settings["constraints"].items()
    with connect(run.address, run.database) as database:
        jobs = database.jobs(run.experiment)
    networks = []
    for job in jobs:
        values, metrics = job["values"], job["measurements"]["metrics"]
        error = values["error"] if math.isfinite(values["error"]) else None
        networks.append(
            {
                "job": job["id"],
                metric: bound - values[metric],
                f"{metric}_std_error": metrics[metric]["std_error"],
                "error": error,
                "error_std_error": None if error is None else metrics["error"]["std_error"],
            }
        )
    return {"run": run.experiment, "metric": metric, "bound": bound, "networks": networks}


def draw(data: dict[str, Any], path: Path) -> None:
    """Writes the picture."""
    import matplotlib as mpl  # noqa: PLC0415 - reading does not need it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "hyperpower", "font.size": 11})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    scale, unit = (1e6, "µs/image") if data["metric"] == "runtime" else (1.0, "W")
    costs = [network[data["metric"]] * scale for network in data["networks"]]
    bound = data["bound"] * scale
    trained = [n for n in data["networks"] if n["error"] is not None]
    best = min((n for n in trained if n[data["metric"]] <= data["bound"]), key=lambda n: n["error"])
    top = max(n["error"] for n in trained) * 1.9

    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.set_xscale("log")
    axes.set_yscale("log")
    left, right = min(costs) * 0.9, max(costs) * 1.1
    axes.axvspan(bound, right, color="#f2f2f2", zorder=0)
    axes.axvline(bound, color=RED, linewidth=1.5)
    axes.text(
        bound,
        1.02,
        f"budget: {bound:.1f} {unit}",
        color=RED,
        ha="center",
        transform=axes.get_xaxis_transform(),
    )
    _points(axes, data, scale, top)
    axes.axhline(top / 1.35, color="#d0d0d0", linewidth=0.8, linestyle=":")
    _best(axes, best, best[data["metric"]] * scale, bound)
    axes.set_xlim(left, right)
    axes.set_ylim(min(n["error"] for n in trained) * 0.6, top * 1.35)
    _ticks(axes.set_xticks, left, right, [])
    lowest = axes.get_ylim()[0]
    _ticks(axes.set_yticks, lowest, top / 1.35, [(top, "rejected\n(not trained)")])
    axes.minorticks_off()
    names = {"runtime": "Inference time", "power": "Power", "energy": "Energy"}
    axes.set_xlabel(f"{names.get(data['metric'], data['metric'])} ({unit})")
    axes.set_ylabel("Validation error (%)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def _points(axes: Any, data: dict[str, Any], scale: float, top: float) -> None:
    """The networks; those that were not trained are in a row at the top."""
    for network in data["networks"]:
        cost = network[data["metric"]] * scale
        spread = network[f"{data['metric']}_std_error"] * scale
        if network["error"] is None:
            axes.errorbar(cost, top, xerr=spread, fmt="x", color=GREY, capsize=0)
        else:
            axes.errorbar(
                cost,
                network["error"],
                xerr=spread,
                yerr=network["error_std_error"],
                fmt="o",
                color=BLUE,
                ecolor="#a8c8e4",
                capsize=0,
            )


def _best(axes: Any, best: dict[str, Any], cost: float, bound: float) -> None:
    axes.plot(cost, best["error"], "o", color="none", markeredgecolor=RED, markersize=14)
    axes.annotate(
        f"best: job {best['job']}, {best['error']:.1f} %",
        (cost, best["error"]),
        # Where no network is: those over the budget are at the top.
        xytext=(bound * 1.06, best["error"]),
        va="center",
        arrowprops={"arrowstyle": "-", "color": RED, "shrinkB": 8},
    )


def _ticks(
    put: Callable[[list[float], list[str]], object],
    low: float,
    high: float,
    more: list[tuple[float, str]],
) -> None:
    """Ticks at 1, 2, 5, 10, ... between two values, and some with a text of their own."""
    values = [m * 10.0**power for power in range(-1, 4) for m in (1, 2, 5)]
    shown = [(value, f"{value:g}") for value in values if low < value < high] + more
    put([value for value, _ in shown], [text for _, text in shown])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Draws a run; see the head of this file.")
    parser.add_argument("--read", type=Path, metavar="DIR", help="write digits.json from DIR's run")
    folder = parser.parse_args().read
    if folder is None:
        draw(json.loads(DATA.read_text(encoding="utf-8")), DATA.with_suffix(".svg"))
    else:
        DATA.write_text(json.dumps(read(folder), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

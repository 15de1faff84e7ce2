"""What the live view costs: the CPU time of gener_experiment.py while its networks train.

    python benchmarks/overhead/live.py            # about two minutes

Runs a real search on a pseudo-terminal, once with the live view and once with --plain, and prints
the share of a core that the process took which draws (the optimiser and the networks have their
own). Its start, which imports and parses, and its end, which prints the report, are left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import pty
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def search(folder: Path, epochs: int, *flags: str) -> tuple[float, float]:
    """Runs a search; returns CPU seconds and seconds between its first and last epoch."""
    shutil.copytree(ROOT / "experiments/digits/keras_model", folder / "keras_model")
    command = [sys.executable, str(ROOT / "gener_experiment.py"), "--experiment", str(folder)]
    command += ["--optimize", "error", "--epochs", str(epochs), "--max_finished_jobs", "2", *flags]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(command[0], command)
    threading.Thread(target=drain, args=(terminal,), daemon=True).start()
    process, samples = psutil.Process(child), []
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        outputs = list((folder / "spearmint" / "output").glob("*.out"))
        if any("\nepoch " in output.read_text(errors="replace") for output in outputs):
            used = process.cpu_times()
            samples.append((time.monotonic(), used.user + used.system))
        threading.Event().wait(1.0)
    # The last two seconds are those of the report.
    (first, before), (last, after) = samples[0], samples[-3]
    return after - before, last - first


def drain(terminal: int) -> None:
    """Reads what is drawn, as a terminal does."""
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:  # the other side was closed
        pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60, help="training epochs a network (60)")
    args = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load average {load}")
    for name, flags in (("live", []), ("plain", ["--plain"])):
        with tempfile.TemporaryDirectory() as scratch:
            cpu_s, wall_s = search(Path(scratch, "digits"), args.epochs, *flags)
        share = 100 * cpu_s / wall_s
        print(f"{name:6} {cpu_s:.2f} s of CPU time in {wall_s:.0f} s: {share:.2f} % of a core")
    return 0


if __name__ == "__main__":
    sys.exit(main())

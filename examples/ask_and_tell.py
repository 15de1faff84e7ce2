"""The optimiser without jobs, database or Keras: ask for a point, evaluate it, tell the result.

Minimises a function of two numbers under a constraint: python examples/ask_and_tell.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from spearmint import choosers

CONFIG = {
    "variables": {
        "x": {"type": "FLOAT", "size": 1, "min": 0, "max": 6},
        "y": {"type": "FLOAT", "size": 1, "min": 0, "max": 6},
    },
    "tasks": {
        "cost": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "room": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
}


def evaluate(x, y):
    """The cost, and a constraint that is met when its value is 0 or more."""
    return {"cost": (x - 1) ** 2 + (y - 2) ** 2, "room": x + y - 4}


chooser = choosers.create(CONFIG, seed=1)
jobs = []
for number in range(1, 21):
    params = chooser.suggest(jobs)  # ask
    values = evaluate(params["x"]["values"][0], params["y"]["values"][0])
    jobs.append({"id": number, "params": params, "status": "complete", "values": values})  # tell

best = min(
    (job for job in jobs if job["values"]["room"] >= 0), key=lambda job: job["values"]["cost"]
)
x, y = (best["params"][name]["values"][0] for name in ("x", "y"))
print(f"best: cost {best['values']['cost']:.3f} at x = {x:.2f}, y = {y:.2f}")

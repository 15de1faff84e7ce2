"""Observes steps of an optimiser of torch; prints the weight before each observed step."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hwsearch.network.fitting import torch_steps


def main() -> int:
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    weight.grad = torch.ones(1)
    seen: list[float] = []
    with torch_steps.before_each(lambda: seen.append(float(weight)), Path(__file__)):
        optimizer.step()
    optimizer.step()
    print(json.dumps({"seen": seen, "weight": float(weight)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

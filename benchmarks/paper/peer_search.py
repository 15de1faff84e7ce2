"""Searches of one optimiser on the table of trained networks: prints one JSON line each.

Started by `peers.py`; by hand: `python benchmarks/paper/peer_search.py optuna_tpe 80 gate:5:1`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from math import nan
from pathlib import Path
from statistics import median
from typing import Any

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.optimiser import fingerprint, peers  # noqa: E402
from benchmarks.optimiser.peers.ours import Ours  # noqa: E402
from benchmarks.optimiser.peers.peer import Peer, PruningPeer  # noqa: E402
from benchmarks.optimiser.problems import Definition, digits  # noqa: E402
from benchmarks.paper import freeze_thaw, learning, predictions, references, replay  # noqa: E402
from benchmarks.paper.default_search import Auto  # noqa: E402
from benchmarks.paper.predicted_search import EXACT, Table, where_of  # noqa: E402
from benchmarks.paper.references import NO_BUDGET  # noqa: E402
from spearmint.errors import SpaceExhaustedError  # noqa: E402

#: HyperPower with unbiased predictions of these relative errors, from profiles of earlier runs.
PREDICTED = {"hyperpower_6": "6 %", "hyperpower_12": "12 %", "hyperpower_exact": EXACT}
FREEZE_THAW = "hyperpower_freeze_thaw"
#: The same with paused trainings.
BOTH = {f"{method}_freeze_thaw": kind for method, kind in PREDICTED.items()}
OURS = ("hyperpower", FREEZE_THAW, *PREDICTED, *BOTH)
#: Trials that are ended early are shorter: so many times as many suggestions.
MORE = 3


def problem(share: int) -> Definition:
    """Error in %, and milliseconds per batch that are left of the budget, if there is one."""
    names = ("latency",) if share != NO_BUDGET else ()

    def answer(values: Any) -> tuple[float, list[float]]:
        row = replay.rows()[tuple(values)]
        left_ms = 1e3 * (replay.bound(share) - replay.networks()[row].latency_s)
        return learning.of_table()[row].final, [left_ms][: len(names)]

    return Definition(f"digits {share} %", digits.VARIABLES, answer, names, "digits_table")


def stated(results: Mapping[str, float], errors: list[float], rule: str) -> dict[str, float]:
    """What a peer is told about a network that was measured and not trained.

    A failed trial would be forgotten by all peers, with what its measurement says. The worst error
    so far keeps the peer's model of errors from expecting low ones there; the median error changes
    that model least. Until one is known, it is that of a guess.
    """
    value = {"worst": max, "median": median}[rule](errors or [90.0])
    return dict(results) | {"objective": value}


def search(
    method: str, gated: bool, share: int, seed: int, evaluations: int, rule: str
) -> dict[str, Any]:
    """One search of so many suggestions, of which some may be repeated ones."""
    space = problem(share)
    peer: Peer = Auto(space, seed) if method == "hyperpower" else peers.create(method, space, seed)
    suggested: list[int] = []
    epochs: list[int] = []
    errors: list[float] = []
    cpu_s = []
    pruning = isinstance(peer, PruningPeer)
    while len(suggested) < evaluations * (MORE if pruning else 1):
        start = time.process_time()
        try:
            token, values = peer.ask()
        except SpaceExhaustedError:
            break
        cpu_s.append(time.process_time() - start)
        row = replay.rows()[tuple(values)]
        suggested.append(row)
        results = space.tasks_of(values)
        is_trained = not gated or space.feasible(results)
        if not is_trained:
            results["objective"] = nan
            if not isinstance(peer, Ours):
                results = stated(results, errors, rule)
        start = time.process_time()
        epochs.append(_trained(peer, token, row) if is_trained else 0)
        if isinstance(peer, PruningPeer) and 0 < epochs[-1] < learning.EPOCHS:
            peer.prune(token, results)
        else:
            peer.tell(token, results)
        cpu_s[-1] += time.process_time() - start
        if epochs[-1] == learning.EPOCHS:
            errors.append(results["objective"])
    found = {"suggested": suggested} | ({"epochs": epochs} if pruning else {})
    return found | {"cpu_s": round(sum(cpu_s), 2), "versions": peer.versions()}


def _trained(peer: Peer, token: Any, row: int) -> int:
    """The epochs after which a peer ends a training; all of them, if it does not."""
    if isinstance(peer, PruningPeer):
        for epoch, error in enumerate(learning.of_table()[row].errors[:-1], 1):
            if peer.report(token, epoch, error):
                return epoch
    return learning.EPOCHS


def table(kind: str, share: int, seed: int) -> Table:
    """Predictions of one kind, and the errors of the curves."""
    found = Table(share / NO_BUDGET, kind, seed)
    found.errors = learning.errors()
    return found


def predicted(known: Table, seed: int, most: int) -> dict[str, Any]:
    """A search of HyperPower that is helped by predictions; `built` counts candidates so far.

    It also ends with the lowest error within the budget: its candidates take their time.
    """
    start = time.process_time()
    jobs, built = predictions.search(known, seed, most, lambda errors: errors[-1] <= known.lowest)
    suggested = [replay.rows()[where_of(job["params"])] for job in jobs]
    cpu_s = round(time.process_time() - start, 2)
    versions = {"spearmint": fingerprint.of_optimiser()}
    return {"suggested": suggested, "built": built, "cpu_s": cpu_s, "versions": versions}


def found(
    method: str, level: str, share: int, seed: int, evaluations: int, rule: str
) -> dict[str, Any]:
    """One search of any method."""
    if method in references.ORDERS:
        return references.search(method, share, seed)
    if method == FREEZE_THAW:
        return freeze_thaw.search(problem(share), seed, evaluations)
    if method not in PREDICTED | BOTH:
        return search(method, level == "gate", share, seed, evaluations, rule)
    known = table((PREDICTED | BOTH)[method], share, seed)
    if method in PREDICTED:
        run = predicted(known, seed, evaluations)
    else:
        run = freeze_thaw.search(problem(share), seed, evaluations, known)
    # Nothing is built or measured to know what is known beforehand.
    return run | ({"known": True} if known.kind == EXACT else {})


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=[*OURS, *references.ORDERS, *peers.ALL])
    parser.add_argument("evaluations", type=int)
    parser.add_argument("searches", nargs="+", help="gate or all, percentage, seed: gate:5:1")
    parser.add_argument("--rule", default="worst", choices=["worst", "median"])
    args = parser.parse_args()
    for text in args.searches:
        level, share, seed = text.split(":")
        name = {"method": args.method, "level": level, "share": int(share), "seed": int(seed)}
        run = found(args.method, level, int(share), int(seed), args.evaluations, args.rule)
        print(json.dumps(name | run), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

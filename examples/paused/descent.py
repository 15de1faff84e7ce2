"""Logistic regression by gradient descent, whose training can be paused and continued."""

from pathlib import Path

import numpy as np

EPOCHS = 64


def main(job_id, params, until):
    """Trains up to the share `until` of all epochs, from where the last call stopped."""
    state = load(job_id)
    last = max(1, round(until * EPOCHS))
    x, y = data()
    for epoch in range(len(state["curve"]), last):
        wrong = 1 / (1 + np.exp(-x @ state["weights"])) - y
        gradient = x.T @ wrong / len(x)
        state["speed"] = params["momentum"] * state["speed"] - params["rate"] * gradient
        state["weights"] = state["weights"] + state["speed"]
        state["curve"] = np.append(state["curve"], loss(x, y, state["weights"]))
        print(f"epoch {epoch + 1}: {state['curve'][-1]:.4f}")
    save(job_id, state)
    if last < EPOCHS:
        shares = np.arange(1, last + 1) / EPOCHS
        return {"paused": {"progress": last / EPOCHS, "curve": np.c_[shares, state["curve"]]}}
    return state["curve"][-1]


def data():
    """200 points of two classes that overlap; shapes (200, 3) and (200,)."""
    rng = np.random.default_rng(0)
    y = np.repeat([0.0, 1.0], 100)
    x = rng.normal(size=(200, 2)) * [1.0, 5.0] + np.c_[y, 6 * y]
    return np.c_[x, np.ones(200)], y


def loss(x, y, weights):
    """The mean log loss."""
    margin = (2 * y - 1) * (x @ weights)
    return float(np.logaddexp(0, -margin).mean())


def load(job_id):
    """What the last call has saved, or the beginning."""
    try:
        with np.load(f"state-{job_id}.npz") as saved:
            return dict(saved)
    except FileNotFoundError:
        return {"weights": np.zeros(3), "speed": np.zeros(3), "curve": np.empty(0)}


def save(job_id, state):
    """Replaces the file at once, so that it is complete at any moment."""
    file = Path(f"state-{job_id}.tmp.npz")
    np.savez(file, **state)
    file.replace(f"state-{job_id}.npz")

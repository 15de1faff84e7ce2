"""Records of networks whose costs are known sums of their work."""

from __future__ import annotations

import numpy as np

from hwsearch.measurements import Quantity
from hwsearch.predicting.features import Structure
from hwsearch.predicting.records import NetworkRecord, Platform

HERE = Platform("cpu", "A Processor @ 2 GHz", "tensorflow")
NS_PER_MAC = 0.5


def structure(rng):
    macs, dense, batch = np.exp(rng.uniform(8, 14)), np.exp(rng.uniform(6, 9)), 32.0
    work = (macs, dense, macs / 8, 0.0, 0.0, 5.0, macs, 100.0, 1.0, 0.0)
    return Structure(batch, dense, 4 * dense, 900.0, 2000.0, 900.0, *work)


def records(count, seed=0, noise=0.0, platform=HERE, meter=""):
    """Runtime: half a nanosecond per MAC of a convolution, and 10 µs per batch."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        one = structure(rng)
        seconds = 1e-9 * NS_PER_MAC * one.convolution_macs + 1e-5 / one.batch
        seconds *= np.exp(noise * rng.normal())
        quantities = {
            "runtime": Quantity(seconds, 0.01 * seconds),
            "power": Quantity(50.0 * np.exp(0.01 * rng.normal())),
        }
        made.append(
            NetworkRecord(
                platform, one, f"{seed}-{number}", f"{number}", quantities, meter, 100.0 + number
            )
        )
    return made

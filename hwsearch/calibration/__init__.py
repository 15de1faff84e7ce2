"""Costs of random networks of a template on this machine, and the bound that a share of them meets.

A budget given as "33%" sets the bound so that 33% of random networks meet it. `calibration` draws
the conclusion, `random_networks` draws the values, and `builders` builds and measures networks in a
process of its own, which may be killed or hang without ending the calibration.
"""

from __future__ import annotations

from hwsearch.calibration.calibration import (
    COMPUTED_SAMPLES,
    QUICK,
    SAMPLES,
    Calibration,
    calibrate,
)
from hwsearch.calibration.random_networks import random_params

__all__ = [
    "COMPUTED_SAMPLES",
    "QUICK",
    "SAMPLES",
    "Calibration",
    "calibrate",
    "random_params",
]

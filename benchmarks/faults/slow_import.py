"""A module to preload: as importing Keras does, it delays the first claim of a job."""

from __future__ import annotations

from benchmarks.faults import gate

gate.wait(gate.CLAIM)

"""The conformance suite of schedulers."""

from __future__ import annotations

from spearmint.testing.schedulers.conformance import SchedulerConformance
from spearmint.testing.schedulers.harness import Harness

__all__ = ["Harness", "SchedulerConformance"]

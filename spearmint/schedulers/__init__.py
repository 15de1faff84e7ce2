"""Where jobs run: one module per scheduler, named in config.json's `scheduler`.

A module of `MODULES` has `init(resource, config) -> Scheduler` (see protocol.py).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spearmint.schedulers.protocol import Ended, Scheduler, SubmissionDelayedError

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

__all__ = ["MODULES", "Ended", "Scheduler", "SubmissionDelayedError", "create"]

#: What config.json calls a scheduler -> its module in this folder.
MODULES = {"local": "local", "SLURM": "batch.slurm", "PBS": "batch.pbs", "SGE": "batch.sge"}


def create(resource: Resource, config: Config) -> Scheduler:
    """The scheduler of a resource.

    Raises:
        UserError: The resource is not as the scheduler needs it.
    """
    module = import_module(f"spearmint.schedulers.{MODULES[resource.scheduler]}")
    scheduler: Scheduler = module.init(resource, config)
    return scheduler

"""Where jobs run: one module per value of `scheduler` in config.json.

Each of them has a function `init(resource, config) -> Scheduler`; see `protocol` for the contract.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spearmint.schedulers.protocol import Ended, Scheduler, SubmissionDelayedError

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

__all__ = ["MODULES", "Ended", "Scheduler", "SubmissionDelayedError", "create"]

#: Name of a scheduler in config.json -> its module in this folder.
MODULES = {
    "local": "local",
    "SLURM": "batch.slurm",
    "PBS": "batch.pbs",
    "SGE": "batch.sge",
    "RAY": "ray.creation",
}


def create(resource: Resource, config: Config) -> Scheduler:
    """The scheduler of a resource.

    Raises:
        UserError: The scheduler cannot use the resource, for example since a program is missing.
    """
    module = import_module(f"spearmint.schedulers.{MODULES[resource.scheduler]}")
    scheduler: Scheduler = module.init(resource, config)
    return scheduler

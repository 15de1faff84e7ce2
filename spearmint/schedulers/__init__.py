"""Where jobs run: one module per value of `scheduler` in config.json.

Each of them has a function `init(resource, config) -> Scheduler`; see `protocol` for the contract.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from spearmint.schedulers.protocol import Ended, Scheduler, SubmissionDelayedError

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

__all__ = ["MODULES", "Ended", "Scheduler", "SubmissionDelayedError", "check", "create"]

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
    scheduler: Scheduler = _module(resource).init(resource, config)
    return scheduler


def check(resource: Resource, config: Config) -> None:
    """Checks that jobs can be submitted to a resource; no job is, and nothing is written.

    This machine needs no check. A cluster's module may have a function `check` for what its
    scheduler would only notice later.

    Raises:
        UserError: The scheduler cannot use the resource.
    """
    if resource.scheduler == "local":
        return
    module = _module(resource)
    if hasattr(module, "check"):
        module.check(resource, config)
    else:
        module.init(resource, config).close()


def _module(resource: Resource) -> ModuleType:
    return import_module(f"spearmint.schedulers.{MODULES[resource.scheduler]}")

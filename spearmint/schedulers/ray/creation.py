"""Makes the scheduler of a resource on Ray, and checks that it can run jobs."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spearmint import processes
from spearmint.errors import UserError
from spearmint.schedulers.child import Child
from spearmint.schedulers.environment import environment, without_password
from spearmint.schedulers.ray.arguments import InvalidArgumentsError, parsed
from spearmint.schedulers.ray.scheduler import RayScheduler
from spearmint.schedulers.ray.settings import Settings

if TYPE_CHECKING:
    from spearmint.config import Config, Resource


def init(resource: Resource, config: Config) -> RayScheduler:
    """The scheduler of a resource with the scheduler `RAY`.

    Raises:
        UserError: `scheduler-args` cannot be understood, or there is no Ray.
    """
    where = f'resource {resource.name}: scheduler "RAY"'
    namespace = "hyperpower-" + processes.mark(config.experiment)[1]
    try:
        settings = parsed(resource.scheduler_args, namespace)
    except InvalidArgumentsError as error:
        args = shlex.join(resource.scheduler_args)
        raise UserError(f"{where}: scheduler-args: {error} (scheduler-args: {args})") from None
    python = _interpreter(settings, config.folder, where)
    folder = config.folder or Path.cwd()
    variables = without_password(environment(None))  # Ray's processes inherit them
    # What is measured and sent to Ray's makers is for the users of a cluster to decide.
    variables.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if settings.is_own:
        variables.setdefault("RAY_worker_niceness", "0")  # as local jobs
    driver = Child(
        python,
        "spearmint.schedulers.ray.driver",
        [settings.to_json()],
        variables,
        folder if folder.is_dir() else Path.cwd(),  # gener_experiment.py makes it later
    )
    file = resource.environment_file
    return RayScheduler(
        settings, where, config.address, None if file is None else file.absolute(), driver
    )


def check(resource: Resource, config: Config) -> None:
    """Checks arguments and interpreter, and connects to a cluster with an address.

    A cluster of the run's own is not started: that takes long, and hardly fails.

    Raises:
        UserError: Jobs cannot be submitted.
    """
    scheduler = init(resource, config)
    try:
        if not scheduler.settings.is_own:
            scheduler.connect()
    finally:
        scheduler.close()


def _interpreter(settings: Settings, folder: Path | None, where: str) -> str:
    """The interpreter that has Ray.

    Raises:
        UserError: It does not exist, or has no Ray.
    """
    given = settings.python or sys.executable
    # DIR may not exist yet, and then leads nowhere.
    path = os.path.normpath((folder or Path()) / given) if "/" in given else given
    found = shutil.which(path)
    if found is None:
        raise UserError(f"{where}: scheduler-args: --python: {path}: expected a program")
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('ray') is None)"
    done = subprocess.run([found, "-P", "-c", code], capture_output=True, check=False)
    if done.returncode != 0:
        raise UserError(
            f"{where}: {found} has no package ray; install it with: {found} -m pip install ray "
            "(or name another interpreter by --python in scheduler-args)"
        )
    return found

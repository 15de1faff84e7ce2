"""Whether a cluster can run an experiment's jobs: its programs, and the way to the database."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

from spearmint.database import is_sqlite, without_password
from spearmint.errors import UserError
from spearmint.schedulers.batch.command import Unanswered
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import System
from spearmint.schedulers.environment import module_paths

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: The queue is not looked at more often than this, in seconds.
SHORTEST_INTERVAL_S = 2.0


def create(system: System, resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource on a batch system.

    Raises:
        UserError: A program is missing, or nodes cannot reach the database.
    """
    where = f'resource {resource.name}: scheduler "{system.name}"'
    missing = [program for program in system.programs if shutil.which(program) is None]
    if missing:
        raise UserError(
            f"{where}: {', '.join(missing)} not on PATH; start this where {system.name} jobs are "
            'submitted, or set "scheduler": "local"'
        )
    check_database(system, config.address, where)
    file = resource.environment_file
    return BatchScheduler(
        system,
        resource.name,
        resource.scheduler_args,
        None if file is None else file.absolute(),
        module_paths(os.environ),
        max(config.polling_time, SHORTEST_INTERVAL_S),
    )


def check_database(system: System, address: str, where: str) -> None:
    """Raises UserError where a node would not find the database under its address.

    An SQLite file, or a server on this machine's loopback interface, will do where the batch
    system has no node but this machine; it is asked for their names.
    """
    if is_sqlite(address):
        why = "an SQLite file serves the processes of one machine, the nodes are others"
    elif is_loopback(address):
        why = "on a node that is the node itself"
    else:
        return
    try:
        nodes = system.nodes()
    except Unanswered as error:
        others = f"its nodes cannot be told: {error}"
    else:
        if nodes and all(map(_is_here, nodes)):
            return
        shown = ", ".join(nodes[:3]) + (", ..." if len(nodes) > 3 else "")
        others = f"its nodes are {shown or 'none'}, this machine is {socket.gethostname()}"
    raise UserError(
        f"{where}: database address: got {without_password(address)}: {why} ({others}); expected "
        "a MongoDB server that the nodes reach, HOST:PORT, in config.json's database.address or "
        "SPEARMINT_DB_ADDRESS"
    )


def is_loopback(address: str) -> bool:
    """Whether a MongoDB address names this machine as only itself does."""
    return any(map(_is_loopback, _hosts(address)))


def _hosts(address: str) -> Iterable[str]:
    """Host names and numbers in HOST, HOST:PORT or mongodb://USER@HOST:PORT,HOST:PORT/..."""
    servers = re.sub(r"^[a-z+]+://", "", address)
    for server in re.split(r"[/?]", servers)[0].rpartition("@")[2].split(","):
        bracketed = re.match(r"\[(.*?)\]", server)
        yield bracketed[1] if bracketed else server.partition(":")[0]


def _is_loopback(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name in {"", "localhost", "localhost.localdomain"} or name.endswith(".sock"):
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def _is_here(node: str) -> bool:
    """Whether a node's name is this machine's; domains apart, which not every system gives."""
    name = node.lower().partition(".")[0]
    return name in {"localhost", socket.gethostname().lower().partition(".")[0]}

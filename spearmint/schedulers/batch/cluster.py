"""Checks that a cluster can run an experiment: its programs, and access to the database."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from spearmint.database import is_sqlite, without_password
from spearmint.errors import UserError
from spearmint.schedulers.batch.command import NoAnswerError
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.submission import Submitter
from spearmint.schedulers.batch.system import BatchSystem
from spearmint.schedulers.environment import module_paths

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: The shortest time between two queries of the queue, in seconds.
SHORTEST_INTERVAL_S = 2.0


def create(system: BatchSystem, resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource on a batch system.

    Raises:
        UserError: A program is missing, or the nodes cannot reach the database.
    """
    where = f'resource {resource.name}: scheduler "{system.name}"'
    missing = [program for program in system.programs if shutil.which(program) is None]
    if missing:
        raise UserError(
            f"{where}: {', '.join(missing)} not on PATH; start this on a machine where "
            f'{system.name} jobs are submitted, or set "scheduler": "local"'
        )
    check_database(system, config.address, where)
    file = resource.environment_file
    interval_s = max(config.polling_time, SHORTEST_INTERVAL_S)
    submitter = Submitter(
        system,
        resource.name,
        resource.scheduler_args,
        None if file is None else file.absolute(),
        module_paths(os.environ),
        interval_s,
    )
    return BatchScheduler(submitter, interval_s)


class _Nodes(Protocol):
    """What has nodes: a batch system, or a cluster of another kind."""

    def nodes(self) -> list[str]:
        """The host names of all nodes.

        Raises:
            NoAnswerError: The system does not respond.
        """


def check_database(system: _Nodes, address: str, where: str) -> None:
    """Checks that the nodes can reach the database.

    An SQLite file, or a server on the loopback interface, is accepted only if this machine is the
    only node.

    Args:
        system: Is asked for its nodes.
        address: The database's address.
        where: The resource and its scheduler, for messages.

    Raises:
        UserError: The nodes cannot reach the database.
    """
    if is_sqlite(address):
        why = "an SQLite file serves only the processes of one machine"
    elif is_loopback(address):
        why = "on a node, this address means the node itself"
    else:
        return
    try:
        nodes = system.nodes()
    except NoAnswerError as error:
        others = f"its nodes are unknown: {error}"
    else:
        if nodes and all(map(_is_here, nodes)):
            return
        shown = ", ".join(nodes[:3]) + (", ..." if len(nodes) > 3 else "")
        others = f"its nodes are {shown or 'none'}, this machine is {socket.gethostname()}"
    raise UserError(
        f"{where}: database address: got {without_password(address)}: {why} ({others}); expected "
        "a MongoDB server that the nodes can reach, HOST:PORT, in config.json's database.address, "
        "SPEARMINT_DB_ADDRESS or gener_experiment.py's --database"
    )


def is_loopback(address: str) -> bool:
    """Whether a MongoDB address has a server on the loopback interface."""
    return any(map(_is_loopback, _hosts(address)))


def _hosts(address: str) -> Iterable[str]:
    """The hosts in HOST, HOST:PORT or mongodb://USER@HOST:PORT,HOST:PORT/..."""
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
    """Whether a node is this machine; domains are ignored, since not every system reports them."""
    name = node.lower().partition(".")[0]
    return name in {"localhost", socket.gethostname().lower().partition(".")[0]}

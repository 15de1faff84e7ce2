"""What a resource wants of Ray, in the form that is sent to the driver.

Only the standard library is needed here, as in `driver`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

#: HOST:PORT or ray://HOST:PORT.
HOST_PORT = re.compile(r"(?:ray://)?(\[[^\]]+\]|[^:/\[\]]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a resource wants of Ray.

    Attributes:
        address: "auto", HOST:PORT or ray://HOST:PORT; None for a cluster of the run's own.
        python: The interpreter that has Ray; None for this program's.
        num_cpus: Processors for a job.
        num_gpus: GPUs for a job; a fraction shares one.
        memory: Memory for a job, in bytes; None reserves none.
        custom: Amounts of other resources for a job, by name.
        namespace: Ray's namespace for the names of the actors.
    """

    address: str | None = None
    python: str | None = None
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    memory: int | None = None
    custom: dict[str, float] = field(default_factory=dict)
    namespace: str = "hyperpower"

    @property
    def is_own(self) -> bool:
        """Whether the cluster is started and ended by the run."""
        return self.address is None

    @property
    def is_client(self) -> bool:
        """Whether the cluster is reached as Ray's clients do, through a server of its own."""
        return (self.address or "").startswith("ray://")

    @property
    def host_port(self) -> tuple[str, int] | None:
        """Where the cluster listens, if the address tells."""
        match = HOST_PORT.fullmatch(self.address or "")
        return (match[1].strip("[]"), int(match[2])) if match else None

    def options(self) -> dict[str, Any]:
        """The options of an actor that holds these resources."""
        options: dict[str, Any] = {"num_cpus": self.num_cpus, "num_gpus": self.num_gpus}
        if self.memory is not None:
            options["memory"] = self.memory
        if self.custom:
            options["resources"] = self.custom
        return options

    def resources(self) -> dict[str, float]:
        """The amounts that a node must have, by Ray's names of resources."""
        found = {"CPU": self.num_cpus, "GPU": self.num_gpus, "memory": float(self.memory or 0)}
        return {name: value for name, value in {**found, **self.custom}.items() if value > 0}

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Reads what `to_json` wrote."""
        return cls(**json.loads(text))

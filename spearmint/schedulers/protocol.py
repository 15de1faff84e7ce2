"""What a scheduler does; a job's life (claims, leases, retries) is the database's, not its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from spearmint.order import Order


@dataclass(frozen=True)
class Ended:
    """A job's process is gone.

    Attributes:
        proc_id: What ``submit`` returned.
        how: How it ended, for a person: "with status 1", "killed by SIGKILL".
        willing: It ended by itself and says that there was nothing to do for it.
    """

    proc_id: str
    how: str
    willing: bool = False


class Scheduler(Protocol):
    """Starts jobs' processes on one resource, and watches them.

    A process that was started runs ``spearmint.launcher.launch`` with its order. It outlives its
    scheduler: when the controller is killed, what runs goes on and stores its result.
    """

    def start(self) -> None:
        """Gets ready, without waiting for it; ``submit`` does so too."""

    def submit(self, order: Order) -> str:
        """Has a job run as soon as may be; returns at once, with a name for its process.

        Raises:
            UserError: The resource cannot run jobs; the text says why.
        """

    def alive(self, proc_id: str) -> bool:
        """Whether the process of a submitted job runs, or is about to."""

    def poll(self) -> list[Ended]:
        """The processes that ended since the last call.

        Raises:
            UserError: The resource cannot run jobs.
        """

    def notices(self) -> list[str]:
        """Lines for a person about what is not as asked for, each once."""

    def sources(self) -> Sequence[int]:
        """File descriptors that become readable when ``poll`` may have news."""

    def stop(self, grace_s: float) -> None:
        """Ends every process that runs, with its children: asks, and after a grace kills."""

    def close(self) -> None:
        """Lets go; what runs goes on."""

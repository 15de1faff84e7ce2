"""How the next network is chosen: the values of --method, and what config.json says for them."""

from __future__ import annotations

from typing import Any

from hwsearch.command_line import kinds

AUTO = "auto"
#: Names of choosers of our optimiser; `auto` is its default one.
METHODS = (AUTO, "hw_ieci", "hw_cwei", "random_search", "random_walk")

METHOD = kinds.one_of(METHODS)
#: Those that rate networks, so that they can rate them per second.
RATING = (AUTO, "hw_ieci", "hw_cwei")


def config(method: str, *, unaware: bool, per_second: bool = False) -> dict[str, Any]:
    """The keys of config.json that name the chooser; {} for what it does without them.

    Args:
        method: One of `METHODS`.
        unaware: Whether the chooser is to ignore the constraints.
        per_second: Whether the seconds that networks take count; of a method that is `RATING`.
    """
    arguments = {"per-second": True} if per_second else {}
    if method == AUTO:
        arguments |= {"aware": False} if unaware else {}
        return {"chooser-args": arguments} if arguments else {}
    return {"chooser": method, "chooser-args": {"aware": not unaware} | arguments}

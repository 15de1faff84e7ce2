"""How the next network is chosen: the values of --method, and what config.json says for them."""

from __future__ import annotations

from typing import Any

from hwsearch.command_line import kinds

AUTO = "auto"
#: Names of choosers of our optimiser; `auto` is its default one.
METHODS = (AUTO, "hw_ieci", "hw_cwei", "random_search", "random_walk")

METHOD = kinds.one_of(METHODS)


def config(method: str, *, unaware: bool) -> dict[str, Any]:
    """The keys of config.json that name the chooser; {} for what it does without them.

    Args:
        method: One of `METHODS`.
        unaware: Whether the chooser is to ignore the constraints.
    """
    if method == AUTO:
        return {"chooser-args": {"aware": False}} if unaware else {}
    return {"chooser": method, "chooser-args": {"aware": not unaware}}

"""Choosers: what decides on the next job. One module a chooser, named in config.json.

A module is a chooser when it has `ARGUMENTS`, the table of its `chooser-args`, and
`init(config, seed, arguments) -> Chooser`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from spearmint.choosers.chooser import Best, Chooser, arguments_of
from spearmint.errors import UserError

__all__ = ["Best", "Chooser", "available", "create"]

DEFAULT = "default_chooser"


def available() -> list[str]:
    """Names that config.json's `chooser` may take."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name != "chooser" and not name.startswith("_"))


def create(config: Mapping[str, Any], seed: int = 0) -> Chooser:
    """The chooser that a config.json names, ready to suggest.

    Args:
        config: config.json's dictionary.
        seed: Any integer; the same seed and the same results give the same suggestions.

    Raises:
        UserError: No such chooser, or a fault in its arguments, the variables or the tasks.
    """
    if not isinstance(config, Mapping):
        raise UserError(f"config: got {config!r}; expected an object")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise UserError(f"seed: got {seed!r}; expected a whole number")
    name = config.get("chooser") or DEFAULT
    short = str(name).removeprefix("spearmint.choosers.")
    if short not in available():
        raise UserError(f'config: "chooser": got {name!r}; expected one of {available()}')
    module = import_module(f"spearmint.choosers.{short}")
    arguments = arguments_of(short, module.ARGUMENTS, config.get("chooser-args"))
    chooser: Chooser = module.init(config, seed, arguments)
    return chooser

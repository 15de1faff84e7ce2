"""Attributes of Keras that are others for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Replaces an attribute while this is open.

    Args:
        owner: A class, which may inherit the attribute, or a module.
        name: Of the attribute.
        value: Its value meanwhile.
    """
    former = vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if former is None:
            delattr(owner, name)
        else:
            setattr(owner, name, former)

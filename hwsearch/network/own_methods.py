"""Whether a class of a script has methods of its own in place of Keras'."""

from __future__ import annotations

from typing import Any


def are_of_keras(owner: Any, *methods: str) -> bool:
    """Whether Keras itself has written these methods of an object's class, such as `train_step`."""
    return all(getattr(type(owner), one).__module__.startswith("keras.") for one in methods)

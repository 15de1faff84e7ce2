"""One call of a layer or operation, as the rules of `hwsearch.counting.mac_rules` see it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[int, ...]


class UncountableError(Exception):
    """The MACs of a call are unknown: a size is, or its rule does not cover an option."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a layer or operation.

    Attributes:
        layer: The Keras layer or operation.
        inputs: Shapes of the input tensors, batch axis first, in the order of the arguments.
        outputs: Shapes of the output tensors.
        args, kwargs: The arguments of the call, with symbolic tensors in them.
        nested: Counts one call of an inner layer on tensors of given shapes (for wrappers); each
            argument is a shape or a list of shapes.
    """

    layer: Any
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    nested: Callable[..., int] | None = None

    @property
    def input(self) -> Shape:
        """Shape of the first input."""
        return self.inputs[0]

    @property
    def output(self) -> Shape:
        """Shape of the first output."""
        return self.outputs[0]

    def argument(self, name: str) -> Any:
        """An argument of the layer's `call` by its name; None if it was not given."""
        bound = inspect.signature(self.layer.call).bind_partial(*self.args, **self.kwargs)
        return bound.arguments.get(name)


Rule = Callable[[Call], int]
"""MACs of one call, for the whole batch; may raise UncountableError."""


def size(shape: Iterable[int | None]) -> int:
    """Number of elements of a shape.

    Raises:
        UncountableError: A dimension is unknown.
    """
    dimensions = tuple(shape)
    if any(d is None for d in dimensions):
        raise UncountableError(f"unknown dimension in {dimensions}")
    return math.prod(d for d in dimensions if d is not None)

"""MACs of code that no rule covers: the backend traces it, and the traced operations are counted.

One module per backend. Each has a `Tracer`: `own` runs a function inside a trace and adds the MACs
of the operations that it makes to `macs`; what `apart` runs meanwhile is left out. Operations whose
MACs cannot be known are named in `unknown`. What counts is what `hwsearch.counting.mac_rules` says:
the multiply-adds of contractions, not element-wise work.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol

from hwsearch.keras_runtime import keras

BACKENDS = {"tensorflow": "tensorflow_graph", "jax": "jax_program", "torch": "torch_operations"}


class Tracer(Protocol):
    """Counts the operations of one trace.

    Attributes:
        macs: MACs so far, for the whole batch.
        unknown: Names of operations whose MACs are unknown.
        operations: All operations, as `hwsearch.counting.tracing.descriptions` describes them.
    """

    macs: int
    unknown: list[str]
    operations: list[str]

    def own(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function inside the backend's trace and counts its operations.

        Returns:
            What the function returns, or tensors of the same shapes and types.
        """
        ...

    def apart(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function whose operations do not count, inside a function run by `own`."""
        ...


def tracer() -> Tracer | None:
    """A tracer for the backend that Keras runs on; None if there is none."""
    name = BACKENDS.get(keras.backend.backend())
    if name is None:
        return None
    made: Tracer = importlib.import_module(f"{__name__}.{name}").BackendTracer()
    return made

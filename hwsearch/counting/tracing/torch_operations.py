"""MACs of the operations that PyTorch runs, on tensors without contents where it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from hwsearch.counting.tracing.descriptions import described

#: Parts of the names of operations that multiply and add, and that PyTorch has no formula for.
OPAQUE = ("fft", "linalg", "cholesky", "svd", "triangular_solve", "_sparse", "lu_solve", "cdist")


class BackendTracer:
    """Counts operations while a function runs, by PyTorch's own formulas."""

    def __init__(self) -> None:
        self.macs = 0
        self.unknown: list[str] = []
        self.operations: list[str] = []
        self._mode = _Counting(self)

    def own(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function; adds the MACs of its operations."""
        # A second try, on tensors with contents, begins anew.
        self.macs, self.unknown, self.operations = 0, [], []
        with self._mode:
            return function(*args, **kwargs)

    def apart(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function; leaves out its operations."""
        counted, self._mode.counts = self._mode.counts, False
        try:
            return function(*args, **kwargs)
        finally:
            self._mode.counts = counted


class _Counting(TorchDispatchMode):  # type: ignore[misc]  # PyTorch is not in every environment
    def __init__(self, tracer: BackendTracer) -> None:
        super().__init__()
        self._tracer = tracer
        self.counts = True

    def __torch_dispatch__(
        self, operation: Any, _: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        result = operation(*args, **kwargs)
        if self.counts:
            self._count(operation, args, kwargs, result)
        return result

    def _count(self, operation: Any, args: tuple[Any, ...], kwargs: Any, result: Any) -> None:
        packet = operation._overloadpacket
        options = {**{str(n): one for n, one in enumerate(args)}, **kwargs}
        results = result if isinstance(result, tuple | list) else (result,)
        made = ((getattr(one, "shape", None), getattr(one, "dtype", None)) for one in results)
        self._tracer.operations.append(described(str(packet), made, options))
        if packet in flop_registry:
            flops = flop_registry[packet](*args, **kwargs, out_val=result)
            self._tracer.macs += int(flops) // 2
        elif any(part in str(packet) for part in OPAQUE):
            self._tracer.unknown.append(str(packet).removeprefix("aten."))

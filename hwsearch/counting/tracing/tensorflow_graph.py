"""MACs of the operations in a TensorFlow graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from hwsearch.counting.call import Rule, Shape, UncountableError, size
from hwsearch.counting.einsum import einsum
from hwsearch.counting.tracing.descriptions import described

# Operations that multiply and add, but whose number of MACs the graph does not say.
_OPAQUE = """
    Cholesky Svd Qr Lu MatrixInverse MatrixSolve MatrixTriangularSolve MatrixSolveLs
    MatrixDeterminant LogMatrixDeterminant MatrixExponential MatrixLogarithm MatrixSquareRoot
    BandedTriangularSolve TridiagonalSolve TridiagonalMatMul Eig SelfAdjointEigV2
    SparseTensorDenseMatMul SparseMatMul SparseMatrixMatMul SparseMatrixSparseMatMul
    PyFunc EagerPyFunc PyFuncStateless
    CudnnRNN CudnnRNNV2 CudnnRNNV3 XlaDot XlaDotV2 XlaConv XlaConvV2 XlaCustomCall XlaCustomCallV2
"""
OPAQUE = frozenset(_OPAQUE.split())
FOURIER = "FFT"


class BackendTracer:
    """Counts what a function adds to the graph that is the default one while it runs."""

    def __init__(self) -> None:
        self.macs = 0
        self.unknown: list[str] = []
        self.operations: list[str] = []
        self._apart: set[tuple[str, str]] = set()  # (name of the graph, of the operation)

    def own(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function; adds the MACs of its operations."""
        graph = tf.compat.v1.get_default_graph()
        before = _names(graph)
        try:
            with _inlined_functions():
                result = function(*args, **kwargs)
        except Exception:  # code that only `tf.function` can convert, such as `if` on a tensor
            before, self._apart = _names(graph), set()
            result = function(*args, **kwargs)
        added = [op for op in graph.get_operations() if op.name not in before]
        self.macs += self._total(added, graph)
        return result

    def apart(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function; leaves out its operations."""
        graph = tf.compat.v1.get_default_graph()
        before = _names(graph)
        result = function(*args, **kwargs)
        self._apart |= {(graph.name, name) for name in _names(graph) - before}
        return result

    def _total(self, operations: list[Any], graph: Any) -> int:
        graph_name = getattr(graph, "name", "")
        own = [one for one in operations if (graph_name, one.name) not in self._apart]
        self.operations += map(_described, own)
        return sum(self._macs(operation, graph) for operation in own)

    def _macs(self, operation: Any, graph: Any) -> int:
        kind = operation.type
        if kind in RULES:
            try:
                return RULES[kind](operation)
            except (UncountableError, TypeError, ValueError):
                self.unknown.append(f"{kind} of unknown shape")
        elif kind in OPAQUE or FOURIER in kind:
            self.unknown.append(kind)
        elif kind in ("If", "StatelessIf"):
            branches = ("then_branch", "else_branch")
            return max(self._function(operation, name, graph) for name in branches)
        elif kind in ("Case", "StatelessCase"):
            names = [branch.name for branch in operation.get_attr("branches")]
            return max((self._named(name, graph) for name in names), default=0)
        elif kind in ("While", "StatelessWhile"):
            return self._loop(operation, graph)
        elif kind in ("PartitionedCall", "StatefulPartitionedCall"):
            return self._function(operation, "f", graph)
        return 0

    def _loop(self, operation: Any, graph: Any) -> int:
        """Zero for a loop without MACs; others are unknown, as the number of rounds is."""
        if self._function(operation, "body", graph) or self._function(operation, "cond", graph):
            self.unknown.append("a loop (the graph does not say how many rounds)")
        return 0

    def _function(self, operation: Any, attribute: str, graph: Any) -> int:
        return self._named(operation.get_attr(attribute).name, graph)

    def _named(self, name: str, graph: Any) -> int:
        function = graph._get_function(name)
        if function is None:
            self.unknown.append("a function that the graph does not contain")
            return 0
        inner = getattr(function, "graph", None)
        if inner is not None:
            return self._total(inner.get_operations(), inner)
        # A function of TensorFlow 1's kind, as in tf.nn.ctc_loss: its text has no shapes.
        for kind in sorted(_kinds(function, graph)):
            self.operations.append(kind)
            if kind in RULES or kind in OPAQUE or FOURIER in kind:
                self.unknown.append(f"{kind} of unknown shape")
        return 0


@contextmanager
def _inlined_functions() -> Iterator[None]:
    """Lets functions made by `tf.function` add to the graph at hand.

    Their own graphs may be older, and know less of the shapes.
    """
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _kinds(function: Any, graph: Any) -> set[str]:
    """Types of the operations in a function that has only a text, and in those that it calls."""
    kinds: set[str] = set()
    to_read = [function]
    seen: set[str] = set()
    while to_read:
        definition = to_read.pop().cached_definition
        seen.add(definition.signature.name)
        for node in definition.node_def:
            kinds.add(node.op)
            lists = [value.list.func for value in node.attr.values()]
            called = [value.func for value in node.attr.values()] + [f for fs in lists for f in fs]
            names = {node.op, *(one.name for one in called)} - seen
            to_read += [graph._get_function(name) for name in names if graph._is_function(name)]
    return kinds


def _described(operation: Any) -> str:
    definition = operation.node_def
    options: dict[str, Any] = {}
    for name, value in definition.attr.items():
        if name.startswith("_"):
            continue
        kind = value.WhichOneof("value")
        if kind in ("i", "b"):
            options[name] = getattr(value, kind)
        elif kind == "list":
            options[name] = list(value.list.i)
    if operation.type == "Const" and operation.outputs[0].dtype.is_integer:
        options["value"] = tf.make_ndarray(definition.attr["value"].tensor).tolist()
    results = ((_shape_if_known(one), one.dtype.name) for one in operation.outputs)
    return described(operation.type, results, options)


def _shape_if_known(tensor: Any) -> Any:
    return None if tensor.shape.rank is None else _shape(tensor)


def _names(graph: Any) -> set[str]:
    return {operation.name for operation in graph.get_operations()}


def _shape(tensor: Any) -> Shape:
    return tuple(tensor.shape.as_list())


def _output(operation: Any) -> int:
    return size(_shape(operation.outputs[0]))


def _matmul(operation: Any) -> int:
    first = _shape(operation.inputs[0])
    turned = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    return _output(operation) * size(first[-2:-1] if turned else first[-1:])


def _conv(operation: Any) -> int:
    *taps, _filters = _shape(operation.inputs[1])
    return _output(operation) * size(taps)


def _depthwise(operation: Any) -> int:
    return _output(operation) * size(_shape(operation.inputs[1])[:-2])


def _transposed(operation: Any) -> int:
    """Each input element meets each tap of each filter once."""
    *taps_and_filters, _channels = _shape(operation.inputs[1])
    return size(_shape(operation.inputs[2])) * size(taps_and_filters)


def _einsum(operation: Any) -> int:
    equation = operation.get_attr("equation").decode()
    return einsum(equation, [_shape(tensor) for tensor in operation.inputs])


def _resized(taps: int) -> Rule:
    return lambda operation: _output(operation) * taps


RULES: dict[str, Callable[[Any], int]] = {
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _matmul),
    **dict.fromkeys(("Conv2D", "Conv3D"), _conv),
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), _transposed),
    "DepthwiseConv2dNative": _depthwise,
    "Einsum": _einsum,
    "ResizeBilinear": _resized(4),
    "CropAndResize": _resized(4),
    "ResizeBicubic": _resized(16),
}
"""Rules by the type of the operation."""

"""MACs of the operations in a JAX program (a jaxpr)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from hwsearch.counting.call import size
from hwsearch.counting.tracing.descriptions import described

# Operations that multiply and add, but whose number of MACs the program does not say.
_OPAQUE = """
    fft cholesky cholesky_update svd qr geqrf geqp3 lu eig eigh hessenberg schur tridiagonal
    tridiagonal_solve triangular_solve householder_product linear_solve ragged_dot
    ragged_dot_general custom_call ffi_call pure_callback io_callback pallas_call
"""
OPAQUE = frozenset(_OPAQUE.split())
APART = "hyperpower_apart"


class BackendTracer:
    """Counts the equations of the program that a function becomes."""

    def __init__(self) -> None:
        self.macs = 0
        self.unknown: list[str] = []
        self.operations: list[str] = []

    def own(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Traces a function; adds the MACs of its program.

        Returns:
            Zeros in the shapes of its results: nothing reads their values.
        """
        leaves, structure = jax.tree.flatten((args, kwargs), is_leaf=_is_none)
        arrays = {n: leaf for n, leaf in enumerate(leaves) if isinstance(leaf, jax.Array)}

        def of_arrays(*values: Any) -> Any:
            filled = dict(enumerate(leaves)) | dict(zip(arrays, values, strict=True))
            its_args, its_kwargs = jax.tree.unflatten(structure, list(filled.values()))
            return function(*its_args, **its_kwargs)

        program, results = jax.make_jaxpr(of_arrays, return_shape=True)(*arrays.values())
        self.macs += self._total(program.jaxpr)
        return jax.tree.map(lambda result: jnp.zeros(result.shape, result.dtype), results)

    def apart(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Runs a function; marks its equations, so that they are left out."""
        with jax.named_scope(APART):
            return function(*args, **kwargs)

    def _total(self, program: Any) -> int:
        own = [one for one in program.eqns if APART not in str(one.source_info.name_stack)]
        self.operations += map(_described, own)
        return sum(map(self._macs, own))

    def _macs(self, equation: Any) -> int:
        kind = equation.primitive.name
        if kind in RULES:
            return RULES[kind](equation)
        if kind in OPAQUE:
            self.unknown.append(kind)
            return 0
        inner = [self._total(program) for program in _programs(equation)]
        if kind == "scan":
            return sum(inner) * int(equation.params["length"])
        if kind == "cond":
            return max(inner, default=0)
        if kind == "while" and any(inner):
            self.unknown.append("a loop (the program does not say how many rounds)")
            return 0
        return sum(inner)


def _described(equation: Any) -> str:
    constants = [getattr(one, "val", None) for one in equation.invars]
    whole = [int(one) for one in constants if one is not None and _is_whole(one)]
    options = {**equation.params, "constants": whole}
    made = (one.aval for one in equation.outvars)
    results = ((getattr(one, "shape", None), getattr(one, "dtype", None)) for one in made)
    return described(equation.primitive.name, results, options)


def _is_whole(value: Any) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return isinstance(value, int) or (kind in {"b", "i", "u"} and value.ndim == 0)


def _is_none(leaf: Any) -> bool:
    return leaf is None


def _programs(equation: Any) -> Iterator[Any]:
    """The programs inside an equation: bodies of loops, branches, functions that it calls.

    Rules of differentiation are functions, not programs, and are left out.
    """
    for parameter in equation.params.values():
        for value in parameter if isinstance(parameter, tuple | list) else (parameter,):
            program = getattr(value, "jaxpr", value)
            if hasattr(program, "eqns"):
                yield program


def _dot(equation: Any) -> int:
    (contracted, _), _ = equation.params["dimension_numbers"]
    first = equation.invars[0].aval.shape
    outputs: int = size(equation.outvars[0].aval.shape)
    return outputs * size(first[axis] for axis in contracted)


def _conv(equation: Any) -> int:
    image, kernel = (variable.aval.shape for variable in equation.invars[:2])
    filters = kernel[equation.params["dimension_numbers"].rhs_spec[0]]
    if all(step == 1 for step in equation.params["lhs_dilation"]):
        outputs: int = size(equation.outvars[0].aval.shape)
        return outputs * (size(kernel) // int(filters))
    # A transposed convolution: each input element meets each tap of each filter once.
    channels = kernel[equation.params["dimension_numbers"].rhs_spec[1]]
    groups = int(equation.params["feature_group_count"])
    return size(image) * (size(kernel) // int(channels)) // groups


RULES: dict[str, Callable[[Any], int]] = {"dot_general": _dot, "conv_general_dilated": _conv}
"""Rules by the name of the primitive."""

"""Expressions of a script that are computed before the script does so itself.

Only expressions without side effects: they give their value and change nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from hwsearch.network.program.program_text import called_name

#: Functions that may be called early: they give their result and do nothing else.
_PURE = {
    *("array", "asarray", "astype", "batch", "concatenate", "constant", "convert_to_tensor"),
    *("copy", "expand_dims", "float", "gather", "int", "len", "prefetch", "ravel", "reshape"),
    *("squeeze", "take", "to_categorical", "to_numpy", "toarray"),
}
_NODES = (
    *(ast.Expression, ast.Name, ast.Load, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant),
    *(ast.Tuple, ast.List, ast.Dict, ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop, ast.Call),
    *(ast.keyword, ast.Starred, ast.Compare, ast.cmpop),
)


class UnknownValueError(Exception):
    """An expression cannot be computed: it is not pure, or a name in it has no value yet."""


def value(
    expression: ast.expr, names: Mapping[str, Any], own: Mapping[str, Any] | None = None
) -> Any:
    """The value of an expression.

    Args:
        expression: Of the script.
        names: The names that it has.
        own: Those of the function that it is in, which win.

    Raises:
        UnknownValueError: It cannot be computed, or fails.
    """
    whole = ast.fix_missing_locations(ast.Expression(expression))
    if not all(map(_is_pure, ast.walk(whole))):
        raise UnknownValueError
    try:
        code = compile(whole, "<script>", "eval")
        return eval(code, dict(names), own)  # noqa: S307 - the script's own
    except Exception as error:  # such as a name that gets its value later
        raise UnknownValueError from error


def _is_pure(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return called_name(node) in _PURE
    return isinstance(node, _NODES)

"""Python's literals inside a template: what is not JSON, but means the same to a Python author.

    HYPERPARAM{'type': 'ENUM', 'token': 'act', 'options': [None, 'relu', keras.layers.ReLU,],}

A tuple becomes a list, and a name with a dot the object `{"name": "keras.layers.ReLU"}`.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hwsearch.template.options import NAME_KEY
from hwsearch.template.quoting import quoted

#: JSON's words, which people mix with Python's.
WORDS = {"true": True, "false": False, "null": None}
EXPECTED = "expected strings, numbers, True, False, None, lists or names such as keras.layers.ReLU"


class LiteralError(ValueError):
    """What is wrong with a literal.

    Attributes:
        position: Where, in characters from the literal's start.
        is_syntax: Whether Python cannot even parse it.
    """

    def __init__(self, message: str, position: int, *, is_syntax: bool = False) -> None:
        super().__init__(message)
        self.position = position
        self.is_syntax = is_syntax


def read_literal(text: str) -> tuple[dict[str, Any], list[str]]:
    """The dictionary that a text describes, and its repeated keys; the last value counts.

    Raises:
        LiteralError: It is not a dictionary of plain values.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
        reader = _Reader(text)
        value = reader.value(tree)
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        raise LiteralError(
            f"got an invalid object: {error.msg}; expected JSON or a dictionary of Python",
            _position(text, line, column),
            is_syntax=True,
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, LiteralError):
            raise
        raise LiteralError("got what Python cannot read", 0, is_syntax=True) from None
    if not isinstance(value, dict) or not isinstance(tree, ast.Dict):
        raise LiteralError(f"got {quoted(text)}; expected an object, {{...}}", 0)
    return value, reader.repeated


class _Reader:
    """Values of syntax trees.

    Attributes:
        repeated: Keys that an object has twice.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.repeated: list[str] = []

    def value(self, node: ast.expr) -> Any:
        """The value of an expression."""
        match node:
            case ast.Dict(keys, values):
                return self._object(node, keys, values)
            case ast.List(items) | ast.Tuple(items):
                return [self.value(item) for item in items]
            case ast.Constant(str() | bool() | int() | float() | None as value):
                return value
            case ast.UnaryOp(ast.USub() | ast.UAdd() as sign, ast.Constant(int() | float() as v)):
                return -v if isinstance(sign, ast.USub) else +v
            case ast.Name(word) if word in WORDS:
                return WORDS[word]
            case ast.Name(word):
                name = f'{{"{NAME_KEY}": "{word}"}}'
                expected = f'expected "{word}" in quotes, or {name} for a name of Python\'s'
                raise self._error(node, expected)
            case ast.Attribute():
                return {NAME_KEY: self._dotted(node)}
        raise self._error(node, EXPECTED)

    def _object(
        self, node: ast.Dict, keys: Sequence[ast.expr | None], values: Sequence[ast.expr]
    ) -> dict[str, Any]:
        names = []
        for key in keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise self._error(key or node, "expected keys in quotes")
            names.append(key.value)
        self.repeated += [name for name, times in Counter(names).items() if times > 1]
        return dict(zip(names, map(self.value, values), strict=True))

    def _dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._dotted(node.value)}.{node.attr}"
        if isinstance(node, ast.Name):
            return node.id
        raise self._error(node, EXPECTED)

    def _error(self, node: ast.expr, expected: str) -> LiteralError:
        got = quoted(ast.get_source_segment(self.text, node) or "").strip('"')
        # Columns of the syntax tree count bytes.
        line = self.text.splitlines()[node.lineno - 1] if self.text else ""
        column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
        return LiteralError(f"got {got}; {expected}", _position(self.text, node.lineno, column))


def _position(text: str, line: int, column: int) -> int:
    """The position of a column, from 0, in a line, from 1."""
    return sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column

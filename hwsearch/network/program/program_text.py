"""The text of a program: which lines belong to which function and loop, and what they assign."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: A lambda is none: it often stands in the same line as what does not belong to it.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop or a comprehension.

    Attributes:
        node: The whole of it.
        body: What is repeated.
        targets: Names that get another value in each pass: those after `for`.
    """

    node: ast.AST
    body: Sequence[ast.AST]
    targets: frozenset[str]

    @property
    def lines(self) -> tuple[int, int]:
        """Its first and last line, counted from 1."""
        return int(getattr(self.node, "lineno", 0)), end(self.node)


def parsed(file: str) -> ast.Module:
    """The program in a file; an empty one if it cannot be read."""
    try:
        return _tree(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


@functools.lru_cache(maxsize=8)
def _tree(program: bytes) -> ast.Module:
    """Parsed once: each call of `fit` reads the same files for several questions."""
    return ast.parse(program)


def end(node: ast.AST) -> int:
    """The last line of a node."""
    return int(getattr(node, "end_lineno", 0) or 0)


def contains(node: ast.AST, line: int) -> bool:
    """Whether a node has a line."""
    return int(getattr(node, "lineno", 0)) <= line <= end(node)


def scope_around(tree: ast.Module, line: int) -> ast.AST:
    """The innermost function or class that contains a line; the module if there is none."""
    around = [n for n in ast.walk(tree) if isinstance(n, _SCOPES) and contains(n, line)]
    return min(around, key=lambda node: end(node) - node.lineno, default=tree)


def names_in_scope(scope: ast.AST) -> list[ast.Name]:
    """The names in a function, class or module, without those in functions and classes in it."""
    inner = [n for n in ast.walk(scope) if isinstance(n, _SCOPES) and n is not scope]
    return [
        name for name in _names([scope]) if not any(contains(one, name.lineno) for one in inner)
    ]


def loops_around(tree: ast.Module, line: int) -> list[Loop]:
    """The loops that repeat a line, within the function of that line, the innermost first."""
    scope = scope_around(tree, line)
    found = [
        loop
        for loop in map(_loop, ast.walk(scope))
        if loop is not None
        and any(contains(one, line) for one in loop.body)
        and scope_around(tree, loop.lines[0]) is scope
    ]
    return sorted(found, key=lambda loop: loop.lines[1] - loop.lines[0])


def _loop(node: ast.AST) -> Loop | None:
    if isinstance(node, ast.While):
        return Loop(node, node.body, frozenset())
    if isinstance(node, ast.For | ast.AsyncFor):
        return Loop(node, node.body, frozenset(assigned([node.target])))
    if isinstance(node, ast.DictComp):
        return Loop(node, [node.key, node.value], _targets(node.generators))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return Loop(node, [node.elt], _targets(node.generators))
    return None


def _targets(generators: Sequence[ast.comprehension]) -> frozenset[str]:
    return frozenset(assigned([one.target for one in generators]))


def called_name(call: ast.Call) -> str:
    """The name of the function or method that is called; "" if it has none."""
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def assigned(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that get a value anywhere in these nodes."""
    return {node.id for node in _names(nodes) if isinstance(node.ctx, ast.Store)}


def loaded(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that are read anywhere in these nodes."""
    return {node.id for node in _names(nodes) if isinstance(node.ctx, ast.Load)}


def _names(nodes: Sequence[ast.AST]) -> list[ast.Name]:
    every = itertools.chain.from_iterable(map(ast.walk, nodes))
    return [node for node in every if isinstance(node, ast.Name)]

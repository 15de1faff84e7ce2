"""Which hyper-parameters a variable of a script depends on, found in the script's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SLOT = re.compile(r"_hyperparam_(\d+)_")


@dataclass(frozen=True, slots=True)
class Dependence:
    """What a variable depends on.

    Attributes:
        slots: Numbers of the hyper-parameters, in order.
        is_alone: Whether the variable is the value of the only one, unchanged.
    """

    slots: tuple[int, ...]
    is_alone: bool


def dependence(script: str, name: str) -> Dependence:
    """What a variable, or an argument of this name in a call, depends on.

    Values are followed through assignments, dictionaries and calls. Variables of all functions
    count as one if they have the same name, so that rather too much is found than too little.

    Args:
        script: The script, with the name `_hyperparam_N_` for the N-th hyper-parameter, from 0.
        name: Such as "batch_size".
    """
    tree = ast.parse(script)
    flow = _Flow()
    while flow.follow(tree):
        pass
    expressions = list(_given(tree, name))
    slots = sorted(set().union(*(flow.slots(value) for value in expressions)))
    alone = len(slots) == 1 and all(
        not flow.slots(value) or flow.is_plain(value) for value in expressions
    )
    return Dependence(tuple(slots), alone)


def _given(tree: ast.AST, name: str) -> Iterator[ast.expr]:
    """The expressions that the variable or argument gets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == name:
            yield node.value
        else:
            yield from (value for target, value in _assigned(node) if target == name)


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and the expressions that they get."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value:
        yield from _targets(node.target, node.value)
    elif isinstance(node, ast.For | ast.comprehension):
        yield from _targets(node.target, node.iter)
    elif isinstance(node, ast.arguments):
        yield from _defaults(node)


def _defaults(node: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a function that have defaults, and these."""
    places = [*node.posonlyargs, *node.args]
    places = [*places[len(places) - len(node.defaults) :], *node.kwonlyargs]
    for argument, value in zip(places, [*node.defaults, *node.kw_defaults], strict=True):
        if value is not None:  # of an argument that must be given by name
            yield argument.arg, value


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List):
        parts: list[ast.expr] = [value] * len(target.elts)
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            parts = value.elts
        for each, part in zip(target.elts, parts, strict=True):
            yield from _targets(each, part)
    elif isinstance(target, ast.Name):
        yield target.id, value
        if isinstance(value, ast.Dict):
            for key, part in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield _item(target.id, key.value), part
    elif isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        yield ast.unparse(target), value


def _item(name: str, key: object) -> str:
    return f"{name}[{key!r}]"


@dataclass(slots=True)
class _Flow:
    """What is known so far of each name."""

    of: dict[str, set[int]] = field(default_factory=dict)
    plain: dict[str, bool] = field(default_factory=dict)
    arguments: dict[str, list[str]] = field(default_factory=dict)

    def follow(self, tree: ast.AST) -> bool:
        """Goes through the script once; returns whether it has found anything new."""
        news = False
        for node in ast.walk(tree):
            pairs = list(_assigned(node))
            if isinstance(node, ast.FunctionDef):
                places = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                self.arguments[node.name] = [argument.arg for argument in places]
            elif isinstance(node, ast.Call):
                pairs += self._passed(node)
            for name, value in pairs:
                found = self.slots(value)
                if found - self.of.get(name, set()):
                    self.plain[name] = name not in self.of and self.is_plain(value)
                    self.of.setdefault(name, set()).update(found)
                    news = True
        return news

    def _passed(self, call: ast.Call) -> list[tuple[str, ast.expr]]:
        """The arguments of a call of one of the script's functions."""
        names = self.arguments.get(getattr(call.func, "id", ""), [])
        pairs = list(zip(names, call.args, strict=False))
        return pairs + [(word.arg, word.value) for word in call.keywords if word.arg in names]

    def slots(self, value: ast.AST) -> set[int]:
        """The hyper-parameters in an expression."""
        if isinstance(value, ast.Subscript | ast.Attribute):
            text = ast.unparse(value)
            if text in self.of:
                return self.of[text]
            is_item = isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant)
            items = f"{ast.unparse(value.value)}["
            if is_item and any(name.startswith(items) for name in self.of):
                return set()  # another item of the dictionary
        if isinstance(value, ast.Name):
            found = _SLOT.fullmatch(value.id)
            return {int(found[1])} if found else self.of.get(value.id, set())
        return set().union(*(self.slots(part) for part in ast.iter_child_nodes(value)))

    def is_plain(self, value: ast.AST) -> bool:
        """Whether an expression is a hyper-parameter's value itself."""
        if isinstance(value, ast.Name) and _SLOT.fullmatch(value.id):
            return True
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "int":
            return len(value.args) == 1 and self.is_plain(value.args[0])
        if isinstance(value, ast.Name | ast.Subscript | ast.Attribute):
            return self.plain.get(ast.unparse(value), False)
        return False

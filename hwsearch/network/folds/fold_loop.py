"""Whether a call of `fit` is in a loop that makes its model anew each time, by the text.

    for train, test in KFold(5).split(x, y):
        model = build()
        model.fit(x[train], y[train])
        scores.append(model.evaluate(x[test], y[test]))

The call and the making of the model may be in functions that the loop calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from hwsearch.network.program import fit_calls
from hwsearch.network.program.fit_calls import Position
from hwsearch.network.program.program_text import (
    Loop,
    assigned,
    called_name,
    contains,
    end,
    loaded,
    loops_around,
    parsed,
    scope_around,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Classes of scikit-learn whose splits train on rows that other splits are judged on.
_SPLITTERS = {
    *("KFold", "StratifiedKFold", "RepeatedKFold", "RepeatedStratifiedKFold", "GroupKFold"),
    *("StratifiedGroupKFold", "LeaveOneOut", "LeavePOut", "LeaveOneGroupOut", "ShuffleSplit"),
    *("StratifiedShuffleSplit", "GroupShuffleSplit"),
}
_NAMELESS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")


@dataclass(frozen=True, slots=True)
class Level:
    """A line that runs now, on the way from the call of `fit` to the loop.

    Attributes:
        frame: What runs it.
        call: The call of `fit`, or of the function that leads there; None if it is not found.
        last: The last line of this call.
        repeated: The body of the function, or of the loop for the last level.
        function: The function; None outside of functions.
    """

    frame: FrameType
    call: ast.Call | None
    last: int
    repeated: Sequence[ast.AST]
    function: ast.FunctionDef | ast.AsyncFunctionDef | None


@dataclass(frozen=True, slots=True)
class FoldLoop:
    """The loop around a call of `fit` that makes its model anew in each pass.

    Attributes:
        file: Where it is.
        loop: The loop.
        levels: From the call of `fit` to the loop.
        several: Whether a pass may call `fit` again for the same model.
        repeated: Whether it does so on the same line: there is a loop in the loop.
    """

    file: str
    loop: Loop
    levels: Sequence[Level]
    several: bool
    repeated: bool

    @property
    def call(self) -> ast.Call:
        """The call of `fit`."""
        call = self.levels[0].call
        assert call is not None  # noqa: S101 - `around` has seen it
        return call

    def has(self, stack: Sequence[Position]) -> bool:
        """Whether one of these lines is in the loop."""
        first, last = self.loop.lines
        return any(at.file == self.file and first <= at.line <= last for at in stack)

    def changes(self, names: Iterable[str], level: int = 0) -> bool:
        """Whether names may have another value in each pass of the loop.

        Args:
            names: As the function of a level reads them.
            level: Its number.
        """
        at = self.levels[level]
        found = _sources(set(names), at.repeated)
        if level == len(self.levels) - 1:
            return bool(found & (assigned(self.loop.body) | self.loop.targets))
        outside = set(found)
        for name, value in _arguments(at.function, self.levels[level + 1].call).items():
            if name in found:
                outside |= loaded([value])
        return self.changes(outside, level + 1)


def around(placed: Sequence[tuple[Position, FrameType]]) -> FoldLoop | None:
    """The innermost loop around a call of `fit` that makes the model of the call anew.

    Args:
        placed: As `fit_calls.placed` gives it at the call.
    """
    owner: set[str] = set()
    is_new, several, repeated = False, False, False
    levels: list[Level] = []
    for at, frame in placed:
        tree = parsed(at.file)
        call = _call(tree, at, levels[-1].function if levels else None)
        if not levels:
            call = _fit(tree, at)
            if call is None:  # a `fit` of the model's own, which calls Keras'
                continue
            owner, is_new = _owner(call.func.value)  # type: ignore[attr-defined]
        elif not is_new:
            owner, is_new = _passed(owner, levels[-1].function, call)
        scope = scope_around(tree, at.line)
        function = scope if isinstance(scope, _FUNCTIONS) else None
        last = at.line if call is None else end(call)
        for loop in loops_around(tree, at.line):
            if is_new or _makes(tree, loop.body, owner):
                levels.append(Level(frame, call, last, loop.body, function))
                several = several or _another_fit(tree, loop.body, last)
                return FoldLoop(at.file, loop, levels, several or repeated, repeated)
            repeated = True
        if at.function in _NAMELESS:  # a part of the function whose line is next
            continue
        body = function.body if function is not None else []
        is_new = is_new or _makes(tree, body, owner)
        several = several or _another_fit(tree, body, last)
        levels.append(Level(frame, call, last, body, function))
    return None


def splitter_around(stack: Sequence[Position]) -> str | None:
    """The class of scikit-learn whose splits a loop around one of these lines goes through.

    TimeSeriesSplit is left out: it judges each pass on rows that only later ones train on.

    Args:
        stack: As `fit_calls.positions` gives it.
    """
    for at in stack:
        tree = parsed(at.file)
        for loop in loops_around(tree, at.line):
            for name in _called(tree, _iterated(loop.node)):
                if name in _SPLITTERS:
                    return name
    return None


def _iterated(node: ast.AST) -> list[ast.expr]:
    """What a loop goes through."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter]
    return [one.iter for one in getattr(node, "generators", ())]


def _called(tree: ast.Module, expressions: Sequence[ast.expr]) -> list[str]:
    """What is called in expressions, and in those that their names are computed from."""
    names = _sources(loaded(expressions), [tree])
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and assigned(node.targets) & names
    ]
    nodes = [node for part in (*expressions, *values) for node in ast.walk(part)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return [called_name(call) for call in calls]


def _fit(tree: ast.Module, at: Position) -> ast.Call | None:
    """The innermost call of `fit` on a line."""
    calls = [call for call, _ in fit_calls.sites(tree) if contains(call, at.line)]
    return min(calls, key=lambda call: end(call) - call.lineno, default=None)


def _call(tree: ast.Module, at: Position, function: Any) -> ast.Call | None:
    """The call of a function on a line; None if it is not called by its name."""
    for node in ast.walk(tree):
        if function is not None and isinstance(node, ast.Call) and contains(node, at.line):
            name = called_name(node)
            if name == function.name:
                return node
    return None


def _owner(node: ast.AST) -> tuple[set[str], bool]:
    """The name of a model, and whether the expression makes it: `build().fit(...)`."""
    if isinstance(node, ast.Call):
        return set(), True
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return {name} - {""}, False


def _makes(tree: ast.Module, body: Sequence[ast.AST], owner: set[str]) -> bool:
    """Whether a body gives a model its value, or calls a function that does.

    Such a function sets an attribute, as in `self.model = ...`, or a global name.
    """
    if owner & (assigned(body) | _set_attributes(body)):
        return True
    nodes = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    called = {called_name(node) for node in nodes}
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS) and node.name in called:
            outer = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
            if owner & (_set_attributes(node.body) | (outer & assigned(node.body))):
                return True
    return False


def _set_attributes(body: Sequence[ast.AST]) -> set[str]:
    nodes = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.ctx, ast.Store)}


def _passed(
    owner: set[str], function: ast.AST | None, call: ast.Call | None
) -> tuple[set[str], bool]:
    """What the caller of a function calls the model that the function gets as an argument."""
    for name, value in _arguments(function, call).items():
        if name in owner:
            return _owner(value)
    return owner, False


def _arguments(function: ast.AST | None, call: ast.Call | None) -> dict[str, ast.expr]:
    """The expressions that a function gets, by parameter; {} as far as they are not known."""
    if not isinstance(function, _FUNCTIONS) or call is None:
        return {}
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    if isinstance(call.func, ast.Attribute) and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    found = dict(zip(names, call.args, strict=False))
    return found | {word.arg: word.value for word in call.keywords if word.arg}


def _sources(names: set[str], body: Sequence[ast.AST]) -> set[str]:
    """These names, and those that their values are computed from in a body."""
    assignments = [
        (assigned(node.targets), loaded([node.value]))
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign)
    ]
    found, before = set(names), -1
    while len(found) != before:
        before = len(found)
        for targets, values in assignments:
            if targets & found:
                found |= values
    return found


def _another_fit(tree: ast.Module, body: Sequence[ast.AST], line: int) -> bool:
    """Whether a body has another call of `fit` after a line."""
    return any(
        call.lineno > line and any(contains(one, call.lineno) for one in body)
        for call, _ in fit_calls.sites(tree)
    )

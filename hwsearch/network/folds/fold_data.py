"""The rows that a fold of a cross-validation is judged on, as its script says.

They are in the call of `fit` (validation_data) or in a call of `evaluate` or `predict` after it:

    model.fit(x[train], y[train])
    model.evaluate(x[test], y[test])     # not reached yet when `fit` is called
    model.predict(x[test])               # the labels are y[test], like those of fit

Only expressions without side effects are computed before the script does so itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from hwsearch.network.datasets.held_out import is_stream
from hwsearch.network.folds import fold_loop
from hwsearch.network.folds.fold_loop import FoldLoop, Level
from hwsearch.network.program.fit_calls import Position
from hwsearch.network.program.program_text import assigned, loaded
from hwsearch.network.program.pure_expressions import UnknownValueError, value

_IN_LOOP = "fit is called in a loop that makes a new model each time"
_SAME_DATA = (
    f"{_IN_LOOP}, on the same data; expected one training, or the folds of a cross-validation, "
    "each with its own rows (the search validates by itself: take the training out of the loop)"
)
_NOT_FOUND = (
    f"{_IN_LOOP}, and the rows that each one is judged on are not found; for the folds of a "
    "cross-validation, expected validation_data= in fit, or model.evaluate(x, y) after it in the "
    "loop, with other rows each time"
)
#: What scripts call the training part of their data, of which the other part differs in name.
_TRAIN = ("train", "Train", "TRAIN", "tr")


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold.

    Attributes:
        loop: The loop that its call of `fit` is in.
        held_out: What it is judged on, in the form of `validation_data`; None = the
            `validation_data` of `fit`.
        text: The same as the script writes it.
    """

    loop: FoldLoop
    held_out: Any = None
    text: str = "validation_data"


class NoFold(Exception):  # noqa: N818 - it is a result
    """A loop makes a new model each time, but not for the folds of a cross-validation."""


def of_call(placed: Sequence[tuple[Position, FrameType]]) -> Fold | None:
    """The fold that a call of `fit` trains; None if no loop makes its model anew.

    Args:
        placed: As `fit_calls.placed` gives it at the call.

    Raises:
        NoFold: The loop is not a cross-validation.
    """
    loop = fold_loop.around(placed)
    if loop is None:
        return None
    given = _given(loop.call)
    if "x" not in given or not loop.changes(loaded([given["x"]])):
        raise NoFold(_SAME_DATA)
    for number, level in enumerate(loop.levels):
        for names, text, found in _candidates(level, given if number == 0 else {}):
            if loop.changes(names, number):
                return Fold(_without_frames(loop), found, text)
    if "validation_data" in given and loop.changes(loaded([given["validation_data"]])):
        return Fold(_without_frames(loop))
    raise NoFold(_NOT_FOUND)


def _without_frames(loop: FoldLoop) -> FoldLoop:
    """What is needed of a loop later: frames would keep all data of a fold in memory."""
    return replace(loop, levels=())


def _given(call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of `fit` that matter here."""
    found = dict(zip(("x", "y"), call.args, strict=False))
    for word in call.keywords:
        if word.arg in ("x", "generator"):
            found["x"] = word.value
        elif word.arg in ("y", "validation_data"):
            found[word.arg] = word.value
    return found


def _candidates(level: Level, given: dict[str, ast.expr]) -> Iterator[tuple[set[str], str, Any]]:
    """What the calls after that of `fit` evaluate on: names in it, its text, its value."""
    fitted = ast.unparse(given["x"]) if "x" in given else ""
    for method in ("evaluate", "predict"):
        for call in _calls(level, method):
            parts = _parts(call, method, given)
            if not parts or ast.unparse(parts[0]) == fitted:
                continue
            names = loaded(parts)
            if names & _changed(level, call.lineno):
                continue
            found = _value(parts, level.frame)
            if found is not None:
                yield names, ", ".join(map(ast.unparse, parts)), found


def _calls(level: Level, method: str) -> list[ast.Call]:
    """The calls of a method after the call of `fit`, in their order."""
    found = [
        node
        for part in level.repeated
        for node in ast.walk(part)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in (method, f"{method}_generator")
        and node.lineno > level.last
    ]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def _parts(call: ast.Call, method: str, given: dict[str, ast.expr]) -> list[ast.expr]:
    """Inputs and labels of a call, or one expression for both."""
    if call.args and isinstance(call.args[0], ast.Starred):
        return [call.args[0].value]
    found = _given(call)
    parts = [found[name] for name in ("x", "y") if name in found]
    if method == "evaluate" or not parts:
        return parts
    labels = _labels_beside(parts[0], given) if {"x", "y"} <= given.keys() else None
    return [parts[0], labels] if labels is not None else []


def _labels_beside(inputs: ast.expr, given: dict[str, ast.expr]) -> ast.expr | None:
    """The labels of what `predict` gets: like those of `fit`, with the other rows or name."""
    x, y = given["x"], given["y"]
    if isinstance(inputs, ast.Subscript) and isinstance(x, ast.Subscript):
        same = ast.unparse(inputs.value) == ast.unparse(x.value)
        if same and isinstance(y, ast.Subscript):
            return ast.Subscript(y.value, inputs.slice, ast.Load())
    text, fitted = ast.unparse(inputs), ast.unparse(x)
    for word in _TRAIN:
        before, found, after = fitted.partition(word)
        other = text[len(before) : len(text) - len(after)]
        if found and other and text == before + other + after and word in ast.unparse(y):
            return ast.parse(ast.unparse(y).replace(word, other), mode="eval").body
    return None


def _changed(level: Level, line: int) -> set[str]:
    """Names that get another value between the call of `fit` and a line."""
    nodes = [node for part in level.repeated for node in ast.walk(part)]
    return assigned([n for n in nodes if isinstance(n, ast.Name) and level.last < n.lineno < line])


def _value(parts: Sequence[ast.expr], frame: FrameType) -> Any:
    """The value of expressions, in the form of `validation_data`; None if it is unknown yet."""
    try:
        values = [value(part, frame.f_globals, frame.f_locals) for part in parts]
    except UnknownValueError:
        return None
    if len(values) == 2:
        return tuple(values)
    is_pair = isinstance(values[0], tuple | list) and len(values[0]) in (2, 3)
    return values[0] if is_pair or is_stream(values[0]) else None

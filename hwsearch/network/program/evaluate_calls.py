"""The test set of a script: what it evaluates its model on after the training.

model.fit(X_train, Y_train, ...)
model.evaluate(X_test, Y_test)     # is not run; these arrays are the test set
model.evaluate(test_ds)            # or these batches
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.network.datasets.held_out import is_endless, is_read_once, is_stream
from hwsearch.network.program.fit_calls import Position
from hwsearch.network.program.program_text import (
    assigned,
    loaded,
    names_in_scope,
    parsed,
    scope_around,
)
from hwsearch.network.program.pure_expressions import UnknownValueError, value

#: The first arguments of `evaluate`, and of the same in Keras 2 for generators.
_METHODS = {
    "evaluate": ("x", "y", "batch_size", "verbose", "sample_weight", "steps"),
    "evaluate_generator": ("generator", "steps"),
}
#: Those that say what is evaluated, and what `Evaluated` calls them.
_MEANT = {"x": "x", "generator": "x", "y": "y", "sample_weight": "weight", "steps": "steps"}
#: Longer expressions make a message harder to read than "x of evaluate".
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A call of `evaluate` that names a test set.

    Attributes:
        place: Its line: "00000007_keras_net.py:30".
        x: The inputs, or batches of inputs and labels.
        y: The labels; None with batches.
        weight: The weights of the rows; None = all count alike.
        steps: How many batches it takes; None = all.
        late: Names in it that get another value between the call of `fit` and this one.
    """

    place: str
    x: ast.expr
    y: ast.expr | None = None
    weight: ast.expr | None = None
    steps: ast.expr | None = None
    late: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TestSet:
    """The test set of a script.

    Attributes:
        x: Inputs, or a stream of batches.
        y: Labels; None with a stream.
        names: What messages call inputs and labels.
        weight: Weights of the rows; None = all count alike.
        steps: With a stream, how many batches belong to it; None = all.
    """

    x: Any
    y: Any
    names: tuple[str, str]
    weight: Any = None
    steps: int | None = None


class _Unusable(Exception):  # noqa: N818 - it is a result
    """A call of `evaluate` does not give a test set; with the reason."""


def test_calls(file: str, line: int) -> list[Evaluated]:
    """The calls of `evaluate` after a line that are on a test set.

    Only arguments whose text contains "test" count, because scripts also evaluate on training data.

    Args:
        file: The script, or a module of its own.
        line: Of the call of `fit`, counted from 1.
    """
    tree = parsed(file)
    changed = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno > line
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno > line:
            changed |= {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
    found = []
    for call in _calls(tree, line):
        given = _arguments(call)
        parts = [given[name] for name in ("x", "y", "weight") if name in given]
        if "x" in given and "test" in " ".join(map(ast.unparse, parts)).lower():
            late = frozenset(changed & loaded(list(given.values())))
            found.append(Evaluated(f"{Path(file).name}:{call.lineno}", late=late, **given))
    return found


def unready(stack: Sequence[Position]) -> set[str]:
    """Names that do not stand yet for what the script will evaluate on.

    They get another value after the call of `fit`, as in `x_test = x_test / 255`, or what is
    evaluated is made of them, as in `evaluate(x_test / 255, y_test)`.

    Args:
        stack: The lines that run at the call.
    """
    found: set[str] = set()
    for at in stack:
        tree = parsed(at.file)
        own = names_in_scope(scope_around(tree, at.line))
        found |= assigned([name for name in own if name.lineno > at.line])
        for call in _calls(tree, at.line):
            parts = [*call.args, *(word.value for word in call.keywords if word.arg in ("x", "y"))]
            found |= loaded([part for part in parts if not _is_of_names(part)])
    return found


def alike(
    part: str, names: Mapping[str, Any], given: Mapping[str, Any], later: Collection[str]
) -> bool:
    """Whether `x_val` and `y_val` may be used beside what `fit` gets, as far as can be told.

    They may not if `fit` gets something else than `x_train` and `y_train`, such as scaled rows.

    Args:
        part: "val" or "test".
        names: What the script had defined by the call of `fit`.
        given: What `fit` gets as `x` and `y`.
        later: As `unready` gives it.
    """
    for letter in ("x", "y"):
        name, trained = f"{letter}_{part}", names.get(f"{letter}_train")
        if names.get(name) is None or name in later:
            return False
        if trained is not None and trained is not given.get(letter):
            return False
    return True


def test_set(
    names: Mapping[str, Any],
    evaluated: Sequence[Evaluated],
    fitted: Mapping[str, str],
    given: Mapping[str, Any],
    later: Collection[str],
) -> tuple[TestSet | None, str]:
    """The test set of a script.

    Args:
        names: What the script had defined by the call of `fit`.
        evaluated: As `test_calls` gives it.
        fitted: What the script wrote as `x` and `y` of `fit`: beside "X_train_scaled", the test set
            is "X_test_scaled".
        given: What `fit` gets as `x` and `y`.
        later: As `unready` gives it.

    Returns:
        The test set, or None; then, a line for people if the script evaluates on one that cannot
        be used, otherwise "".
    """
    reason = ""
    for call in sorted(evaluated, key=_is_expression):  # which may be a part of the test set
        try:
            return _of_call(call, names), ""
        except _Unusable as unusable:
            reason = reason or f"{call.place}: the test error is not computed: {unusable}"
    pairs = []
    texts = [fitted.get(name, "") for name in ("x", "y")]
    x_text, y_text = (text.replace("train", "test") for text in texts)
    if all("train" in text for text in texts) and not {x_text, y_text}.intersection(later):
        pairs.append((x_text, y_text))
    if alike("test", names, given, later):
        pairs.append(("x_test", "y_test"))
    for x, y in pairs:
        if all(names.get(name) is not None for name in (x, y)) and not is_stream(names[x]):
            return TestSet(names[x], names[y], (x, y)), ""
    return None, reason


def _is_expression(call: Evaluated) -> bool:
    return not all(one is None or _is_of_names(one) for one in (call.x, call.y))


def _of_call(call: Evaluated, names: Mapping[str, Any]) -> TestSet:
    """What a call of `evaluate` gets.

    Raises:
        _Unusable: It is unknown at the call of `fit`, or of no use.
    """
    if call.late:
        late = " and ".join(sorted(call.late))
        verb = "gets its value" if len(call.late) == 1 else "get their values"
        raise _Unusable(
            f"{late} {verb} after the call of fit, when it is too late; expected the test set "
            "before that call"
        )
    if isinstance(call.x, ast.Starred):
        whole = _known(call.x.value, "x", names)
        if not isinstance(whole, tuple | list) or len(whole) not in (2, 3):
            raise _Unusable(f"expected evaluate(x, y), got evaluate({ast.unparse(call.x)})")
        text = _text(call.x.value, "x")
        return TestSet(whole[0], whole[1], (f"{text}[0]", f"{text}[1]"))
    x, x_text = _known(call.x, "x", names), _text(call.x, "x")
    if is_stream(x):
        steps = None if call.steps is None else _known(call.steps, "steps", names)
        _check_stream(x, x_text, steps)
        steps = None if steps is None else int(steps)
        return TestSet(x, None, (x_text, _of(x_text)), steps=steps)
    if call.y is None:
        raise _Unusable(f"evaluate gets {x_text} without labels; expected evaluate(x, y)")
    y, y_text = _known(call.y, "y", names), _text(call.y, "y")
    weight = None if call.weight is None else _known(call.weight, "sample_weight", names)
    return TestSet(x, y, (x_text, y_text), weight)


def _known(expression: ast.expr, name: str, names: Mapping[str, Any]) -> Any:
    """The value of an argument of `evaluate`."""
    try:
        found = value(expression, names)
    except UnknownValueError:
        found = None
    if found is None:
        text = _text(expression, name)
        raise _Unusable(
            f"{text} is not known at the call of fit; expected names that have their values before "
            "that call"
        )
    return found


def _check_stream(stream: Any, text: str, steps: Any) -> None:
    """Refuses what cannot be read again, or has no end."""
    if is_read_once(stream):
        raise _Unusable(
            f"{text} can be read only once; expected a tf.data.Dataset, a keras.utils.PyDataset or "
            "arrays"
        )
    if steps is None and is_endless(stream):
        raise _Unusable(f"{text} has no end; expected evaluate({text}, steps=...)")


def _calls(tree: ast.Module, line: int) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr in _METHODS and node.lineno > line:  # type: ignore[attr-defined]
            yield node  # type: ignore[misc]


def _arguments(call: ast.Call) -> dict[str, ast.expr]:
    """What a call says of what is evaluated, by the names of `Evaluated`."""
    method = call.func.attr  # type: ignore[attr-defined]
    given = dict(zip(_METHODS[method], call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg}
    return {
        _MEANT[name]: part
        for name, part in given.items()
        if name in _MEANT and not (isinstance(part, ast.Constant) and part.value is None)
    }


def _is_of_names(node: ast.expr) -> bool:
    """Whether an expression is a name, or a list, tuple or dictionary of names."""
    if isinstance(node, ast.Dict):
        return bool(node.values) and all(isinstance(one, ast.Name) for one in node.values)
    if isinstance(node, ast.List | ast.Tuple):
        return bool(node.elts) and all(isinstance(one, ast.Name) for one in node.elts)
    return isinstance(node, ast.Name)


def _text(expression: ast.expr, name: str) -> str:
    text = ast.unparse(expression)
    return text if len(text) <= _LONGEST else f"{name} of evaluate"


def _of(inputs: str) -> str:
    """What messages call the labels of a stream."""
    return f"the labels of {inputs}"

"""The test set of a script: what it evaluates its model on after the training.

model.fit(X_train, Y_train, ...)
model.evaluate(X_test, Y_test)     # is not run; these arrays are the test set
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from hwsearch.network.fit_calls import Position
from hwsearch.network.program_text import assigned, loaded, names_in_scope, parsed, scope_around

#: The name of an array, or those of several: "X_test", ["left_test", "right_test"], or by the
#: input of the model {"left": "left_test"}.
Names = str | list[str] | dict[str, str]


def test_names(file: str, line: int) -> list[tuple[Names, Names]]:
    """What the calls of `evaluate` after a line name as inputs and labels of a test set.

    Only names that contain "test" count, because scripts also evaluate on training data, and only
    those whose values do not change between the line and the call.

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
    return [
        pair
        for pair in map(_arguments, _calls(tree, line))
        if pair and "test" in str(pair).lower() and not changed.intersection(_flat(pair))
    ]


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
            found |= loaded([part for part in parts if _names(part) is None])
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
    evaluated: Sequence[tuple[Names, Names]],
    fitted: Mapping[str, str],
    given: Mapping[str, Any],
    later: Collection[str],
) -> Any:
    """Inputs and labels of the test set, with what messages call them.

    Args:
        names: What the script had defined by the call of `fit`.
        evaluated: As `test_names` gives it.
        fitted: What the script wrote as `x` and `y` of `fit`: beside "X_train_scaled", the test set
            is "X_test_scaled".
        given: What `fit` gets as `x` and `y`.
        later: As `unready` gives it.

    Returns:
        (inputs, labels, name of the inputs, name of the labels); None if there is no test set.
    """
    pairs = list(evaluated)
    texts = [fitted.get(name, "") for name in ("x", "y")]
    x_text, y_text = (text.replace("train", "test") for text in texts)
    if all("train" in text for text in texts) and not {x_text, y_text}.intersection(later):
        pairs.append((x_text, y_text))
    if alike("test", names, given, later):
        pairs.append(("x_test", "y_test"))
    for pair in pairs:
        if all(names.get(name) is not None for name in _flat(pair)):
            x, y = (_value(names, part) for part in pair)
            return x, y, _text(pair[0]), _text(pair[1])
    return None


def _calls(tree: ast.Module, line: int) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr == "evaluate" and node.lineno > line:  # type: ignore[attr-defined]
            yield node  # type: ignore[misc]


def _arguments(call: ast.Call) -> tuple[Names, Names] | None:
    """The names of inputs and labels; None if they are expressions."""
    given = dict(zip(("x", "y"), call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg in ("x", "y")}
    x, y = (_names(given.get(name)) for name in ("x", "y"))
    return (x, y) if x and y else None


def _names(node: ast.expr | None) -> Names | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        named = {
            str(key.value): value.id
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(value, ast.Name)
        }
        return named if named and len(named) == len(node.keys) else None
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    found = [part.id for part in parts if isinstance(part, ast.Name)]
    return found if found and len(found) == len(parts) else None


def _flat(pair: tuple[Names, Names]) -> list[str]:
    found: list[str] = []
    for part in pair:
        if isinstance(part, str):
            found.append(part)
        else:
            found += part.values() if isinstance(part, dict) else part
    return found


def _value(names: Mapping[str, Any], part: Names) -> Any:
    if isinstance(part, dict):
        return {key: names[name] for key, name in part.items()}
    return names[part] if isinstance(part, str) else [names[name] for name in part]


def _text(part: Names) -> str:
    if isinstance(part, dict):
        return "{" + ", ".join(part.values()) + "}"
    return part if isinstance(part, str) else f"[{', '.join(part)}]"

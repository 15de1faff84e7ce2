"""What a script does to the weights of its model after the training, which is not run.

model.fit(x_train, y_train, ...)
for layer in model.layers:
    layer.set_weights(rounded(layer.get_weights()))     # not part of the network that is judged
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from pathlib import Path

from hwsearch.network.program.fit_calls import Position, sites
from hwsearch.network.program.program_text import contains, end, parsed, scope_around

_CHANGES = ("set_weights", "quantize")


def note(stack: Sequence[Position]) -> str:
    """A line for people about weights that change after the call of `fit` that runs now.

    Args:
        stack: The lines that run at the call, the innermost first.

    Returns:
        "" if none are changed there, or `fit` is called again later: then they are those of a
        network that is trained further.
    """
    if not stack:
        return ""
    at = stack[0]
    tree = parsed(at.file)
    calls = list(sites(tree))
    owners = {name for call, name in calls if name and contains(call, at.line)}
    if any(call.lineno > at.line and not contains(call, at.line) for call, _ in calls):
        return ""
    scope = scope_around(tree, at.line)
    last = _line_of_another(scope, owners, at.line)
    for loop in ast.walk(scope):
        if isinstance(loop, ast.For):
            owners |= {
                name.id
                for target, value in _pairs(loop.target, loop.iter)
                if _is_of(value, owners)
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            }
    for node in ast.walk(scope):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        changes = node.func.attr in _CHANGES and at.line < node.lineno < last
        if not changes or _is_of_best_epoch(node) or not _is_of(node.func.value, owners):
            continue
        # It walks through the whole script, so only for the few calls that are left.
        if scope_around(tree, node.lineno) is scope:
            return (
                f"{Path(at.file).name}:{end(node)}: {node.func.attr} after the training is not "
                "run, so networks are compared without it; if it belongs to the network, expected "
                "a function evaluate(model) before the call of fit, which does the same to a copy "
                "of the model and returns its error"
            )
    return ""


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """What a loop takes from where: `for a, b in zip(x, y)` takes a from x and b from y."""
    function = getattr(value.func, "id", "") if isinstance(value, ast.Call) else ""
    given = value.args if isinstance(value, ast.Call) else []
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    if function == "zip" and len(parts) == len(given):
        return [pair for part, one in zip(parts, given, strict=True) for pair in _pairs(part, one)]
    if function == "enumerate" and len(parts) == 2 and given:
        return _pairs(parts[1], given[0])
    if function in ("reversed", "list", "tuple", "sorted", "filter") and given:
        return _pairs(target, given[-1 if function == "filter" else 0])
    if isinstance(value, ast.ListComp | ast.GeneratorExp):
        return [(target, value.generators[0].iter)]
    return [(target, value)]


def _line_of_another(scope: ast.AST, owners: set[str], line: int) -> float:
    """The first line after another from which on a name means another model; infinite if none."""
    lines = [
        node.lineno
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and node.lineno > line
        if any(isinstance(one, ast.Name) and one.id in owners for one in node.targets)
        if not any(getattr(one, "id", "") in owners for one in ast.walk(node.value))
        if not any(getattr(one, "attr", "") == "load_model" for one in ast.walk(node.value))
    ]
    return min(lines, default=math.inf)


def _is_of_best_epoch(call: ast.Call) -> bool:
    """Whether a call sets weights such as `best_weights`: the search keeps the best epoch too."""
    given = call.args[0] if call.args else None
    if isinstance(given, ast.Call) and getattr(given.func, "attr", "") == "get_weights":
        given = given.func
    if not isinstance(given, ast.Name | ast.Attribute):
        return False
    return "best" in ast.unparse(given).lower()


def _is_of(node: ast.AST, owners: set[str]) -> bool:
    """Whether an expression is one of these names, or a part of it, as `model.layers[0]`.

    `inference.get_layer(layer.name)` is a part of `inference`, not of `layer`.
    """
    while True:
        name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
        if name in owners:
            return True
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return False

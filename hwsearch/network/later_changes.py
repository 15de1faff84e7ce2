"""What a script does to the weights of its model after the training, which is not run.

model.fit(x_train, y_train, ...)
for layer in model.layers:
    layer.set_weights(rounded(layer.get_weights()))     # not part of the network that is judged
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

from hwsearch.network.fit_calls import Position, sites
from hwsearch.network.program_text import contains, end, parsed, scope_around

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
    owners = {name for call, name in calls if contains(call, at.line)}
    if any(call.lineno > at.line and not contains(call, at.line) for call, _ in calls):
        return ""
    scope = scope_around(tree, at.line)
    for loop in ast.walk(scope):
        if isinstance(loop, ast.For) and _is_of(loop.iter, owners):
            owners |= {one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name)}
    for node in ast.walk(scope):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        is_later = node.lineno > at.line and scope_around(tree, node.lineno) is scope
        if is_later and node.func.attr in _CHANGES and _is_of(node.func.value, owners):
            return (
                f"{Path(at.file).name}:{end(node)}: {node.func.attr} after the training is not "
                "run, so networks are compared without it; if it belongs to the network, expected "
                "a function evaluate(model) before the call of fit, which does the same to a copy "
                "of the model and returns its error"
            )
    return ""


def _is_of(node: ast.AST, owners: set[str]) -> bool:
    """Whether an expression is one of these names, or made of it, as `enumerate(model.layers)`."""
    for one in ast.walk(node):
        name = one.id if isinstance(one, ast.Name) else getattr(one, "attr", "")
        if name in owners:
            return True
    return False

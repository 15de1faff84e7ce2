"""What a script wrote as the arguments of `fit`, so that messages can use its own names."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Longer expressions make a message harder to read than the name of the argument alone.
_LONGEST = 40
_METHODS = ("fit", "fit_generator")


def argument_texts(file: str, line: int, parameters: Sequence[str]) -> dict[str, str]:
    """The expressions that a call of `fit` has as arguments, as far as the text shows them.

    Args:
        file: The file with the call.
        line: A line of the call, counted from 1.
        parameters: Of `fit`, in their order, without `self`.

    Returns:
        Expressions by parameter. The parts of a tuple of validation data are
        "validation_data[0]" and so on.
    """
    call = _call_at(file, line)
    if call is None:
        return {}
    found: dict[str, ast.expr] = {}
    for name, value in zip(parameters, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        found[name] = value
    found |= {word.arg: word.value for word in call.keywords if word.arg}
    if "generator" in found:  # Keras 2's fit_generator
        found["x"] = found.pop("generator")
    pair = found.get("validation_data")
    if isinstance(pair, ast.Tuple | ast.List):
        found |= {f"validation_data[{number}]": part for number, part in enumerate(pair.elts)}
    texts = {name: ast.unparse(value) for name, value in found.items() if _is_name(value)}
    return {name: text for name, text in texts.items() if len(text) <= _LONGEST}


def named(texts: Mapping[str, str], name: str) -> str:
    """An argument of `fit` as messages call it: "labels (y of fit)", or "y of fit".

    Args:
        texts: As `argument_texts` gives them.
        name: The parameter, or a part of it as there.
    """
    text = texts.get(name, "")
    return f"{text} ({name} of fit)" if text not in ("", name) else f"{name} of fit"


def _is_name(value: ast.expr) -> bool:
    """Whether an expression says something to its reader; a display of values does not."""
    return not isinstance(value, ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Set)


def _call_at(file: str, line: int) -> ast.Call | None:
    """The innermost call of `fit` on a line; None if there is none, or more than one."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _METHODS
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    least = min((_height(call) for call in calls), default=0)
    calls = [call for call in calls if _height(call) == least]
    return calls[0] if len(calls) == 1 else None


def _height(call: ast.Call) -> int:
    return (call.end_lineno or call.lineno) - call.lineno

"""Finds spellings of Keras 1 and 2 in a script that Keras 3 cannot run, all at once.

Only what the script reaches for certain counts: not functions that nobody calls, and not branches,
which may ask for Keras' version.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from hwsearch.keras2 import elsewhere
from hwsearch.keras2.names import RENAMED

#: Arguments of layers that no layer of Keras 3 has.
_ARGUMENTS = {
    "W_constraint": RENAMED["W_constraint"],
    "W_regularizer": RENAMED["W_regularizer"],
    "b_constraint": "bias_constraint=",
    "b_regularizer": RENAMED["b_regularizer"],
    "border_mode": RENAMED["border_mode"],
    "dim_ordering": RENAMED["dim_ordering"],
    "dropout_U": "recurrent_dropout=",
    "dropout_W": "dropout=",
    "init": RENAMED["init"],
    "inner_activation": "recurrent_activation=",
    "inner_init": "recurrent_initializer=",
    "nb_col": RENAMED["nb_col"],
    "nb_filter": RENAMED["nb_filter"],
    "nb_row": RENAMED["nb_row"],
    "p": RENAMED["p"],
    "pool_length": "pool_size=",
    "subsample": RENAMED["subsample"],
}
#: Names of `keras.layers` that Keras 3 does not have.
_LAYERS = (
    "AtrousConvolution2D",
    "CuDNNGRU",
    "CuDNNLSTM",
    "Merge",
    "ThresholdedReLU",
    "TimeDistributedDense",
    "merge",
)
_LAYER_MODULES = ("keras.layers", "tensorflow.keras.layers")


def removed_spellings(script: str) -> list[tuple[int, str]]:
    """What of Keras 1 and 2, TensorFlow 1 and notebooks a script reaches that cannot run here.

    Args:
        script: Valid Python.

    Returns:
        Pairs of line number and fault, in the order of the script; nothing imports Keras for it.
    """
    tree = ast.parse(script)
    names = _Names(tree)
    found: set[tuple[int, str]] = set()
    for node in _reached(tree):
        texts = itertools.chain(_faults(node, names), elsewhere.faults(node, names.path))
        found.update((node.lineno, text) for text in texts)
    return sorted(found)


class _Names:
    """What the names of a script stand for, as its imports say; those that it redefines do not."""

    def __init__(self, tree: ast.Module) -> None:
        self._paths: dict[str, str] = {}
        own: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._paths[alias.asname or top] = top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self._paths[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
        for name in own:
            self._paths.pop(name, None)

    def path(self, node: ast.expr) -> str:
        """The dotted path of `layers.Dense`, "keras.layers.Dense"; "" if it is not imported."""
        if isinstance(node, ast.Name):
            return self._paths.get(node.id, "")
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""


def _faults(node: ast.AST, names: _Names) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and _is_layers(node.module or ""):
        for alias in node.names:
            if alias.name in _LAYERS:
                yield _text(alias.name, RENAMED[alias.name])
    if (
        isinstance(node, ast.Attribute)
        and node.attr in _LAYERS
        and _is_layers(names.path(node).rpartition(".")[0])
    ):
        yield _text(node.attr, RENAMED[node.attr])
    if not isinstance(node, ast.Call):
        return
    module, _, name = names.path(node.func).rpartition(".")
    if _is_layers(module) and name not in _LAYERS:
        for word in node.keywords:
            if word.arg in _ARGUMENTS:
                yield _text(f"{name}({word.arg}=)", _ARGUMENTS[word.arg])
    if name == "Model" and module.startswith(("keras", "tensorflow.keras")):
        words = {word.arg for word in node.keywords}
        if words & {"input", "output"}:
            yield _text("Model(input=, output=)", "Model(inputs=, outputs=)")


def _is_layers(module: str) -> bool:
    return module.replace("tensorflow.python.", "tensorflow.").startswith(_LAYER_MODULES)


def _text(old: str, new: str) -> str:
    return f"got {old} of Keras 1 or 2, which Keras 3 cannot run; expected {new}"


def _reached(tree: ast.Module) -> Iterator[ast.stmt | ast.expr]:
    """The statements and expressions that run for certain, in functions that are called too."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    pending: list[ast.AST] = list(tree.body)
    called: set[str] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If):
            pending.append(node.test)
            if "__name__" in ast.unparse(node.test):
                pending += node.body
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Try | ast.While | ast.IfExp | ast.Match):
            continue
        if isinstance(node, ast.stmt | ast.expr):
            yield node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in functions and name not in called:
                called.add(name)
                pending += functions[name].body
        pending += ast.iter_child_nodes(node)

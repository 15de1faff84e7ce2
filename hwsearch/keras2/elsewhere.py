"""What only TensorFlow 1, another copy of Keras or a notebook service can run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

_NO_SESSIONS = "the line left out, because TensorFlow 2 has no sessions"
#: Names of TensorFlow 1 -> what is expected instead.
_TENSORFLOW_1 = {
    "ConfigProto": _NO_SESSIONS + " (for GPU memory: tf.config.experimental.set_memory_growth)",
    "GPUOptions": _NO_SESSIONS + " (for GPU memory: tf.config.experimental.set_memory_growth)",
    "InteractiveSession": _NO_SESSIONS,
    "Session": _NO_SESSIONS,
    "get_default_graph": "the line left out, because TensorFlow 2 has no default graph",
    "global_variables_initializer": _NO_SESSIONS,
    "logging": "tf.get_logger()",
    "placeholder": "keras.Input",
    "set_random_seed": "tf.random.set_seed",
}
_SESSIONS_OF_KERAS = ("get_session", "set_session")
#: Modules -> what they are, and what is expected instead. Modules inside them are meant too.
_MODULES = {
    "google.colab": "which only Google's notebooks have; expected data in a folder beside the "
    "template",
    "keras.backend.tensorflow_backend": f"which is of TensorFlow 1; expected {_NO_SESSIONS}",
    "tensorflow.python.keras": "which is an old copy for TensorFlow's own use; expected "
    "tensorflow.keras",
    "tf_keras": "which is Keras 2; expected keras or tensorflow.keras: Keras 3 runs most scripts "
    "for Keras 2",
}
_EAGER = ("disable_eager_execution", "disable_v2_behavior")


def faults(node: ast.AST, path: Callable[[ast.expr], str]) -> Iterator[str]:
    """What is wrong with a statement or expression that runs for certain.

    Args:
        node: The statement or expression.
        path: Gives the dotted path of a name as imported: "tensorflow.Session" of `tf.Session`.
    """
    if isinstance(node, ast.Import):
        yield from _of_modules([alias.name for alias in node.names])
    elif isinstance(node, ast.ImportFrom) and not node.level:
        module = node.module or ""
        full = [f"{module}.{alias.name}" for alias in node.names]
        yield from dict.fromkeys(_of_modules([module]) or _of_modules(full))
        for alias in node.names:
            yield from _of_name(module, alias.name)
    elif isinstance(node, ast.Attribute):
        yield from _of_name(path(node.value), node.attr)
        if ast.unparse(node.value) == "get_ipython()":
            yield f"got {ast.unparse(node)}, which only notebooks know; expected the line left out"


def _of_modules(modules: list[str]) -> list[str]:
    return [
        f"got {known}, {what}"
        for module in modules
        for known, what in _MODULES.items()
        if f"{module}.".startswith(f"{known}.")
    ]


def _of_name(module: str, name: str) -> Iterator[str]:
    if module == "tensorflow" and name in _TENSORFLOW_1:
        yield f"got tf.{name} of TensorFlow 1; expected {_TENSORFLOW_1[name]}"
    elif module.endswith("keras.backend") and name in _SESSIONS_OF_KERAS:
        yield f"got {name} of TensorFlow 1; expected {_NO_SESSIONS}"
    elif module == "tensorflow.compat.v1" and name in _EAGER:
        yield f"got {name}, but Keras 3 needs eager execution; expected the line left out"

"""`keras.backend` as Keras 2 had it: `K.sum`, `K.clip` and the like, in losses and metrics.

Keras 3 keeps these functions for `tensorflow.keras.backend` only. With another backend than
TensorFlow, those that `keras.ops` has under the same name come from there. Those that read and set
variables, such as `K.set_value(optimizer.lr, 0.001)`, are this module's own: the kept ones fail on
the variables of Keras 3.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from hwsearch.keras2.reports import BACKEND, report

_KEPT = "keras.src.legacy.backend"
#: The module behind `tensorflow.keras.backend`.
_TENSORFLOW = "keras._tf_keras.keras.backend"
#: Functions that `keras.ops` has under another name.
_RENAMED = {"flatten": "ravel", "pow": "power", "reverse": "flip"}


def install() -> None:
    """Gives `keras.backend` the functions of Keras 2."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    module = keras.backend
    if "__getattr__" not in vars(module):
        vars(module)["__getattr__"] = _find
    for name, function in _OF_VARIABLES.items():
        if _TENSORFLOW in sys.modules:
            setattr(sys.modules[_TENSORFLOW], name, function)


def get_value(x: Any) -> Any:
    """The value of a variable or tensor as an array; anything else as it is."""
    import keras  # noqa: PLC0415 - as below

    is_known = isinstance(x, keras.Variable) or keras.ops.is_tensor(x)
    return keras.ops.convert_to_numpy(x) if is_known else x


def set_value(x: Any, value: Any) -> None:
    """Gives a variable a value."""
    x.assign(value)


def batch_get_value(tensors: Iterable[Any]) -> list[Any]:
    """The values of several variables."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Iterable[Sequence[Any]]) -> None:
    """Gives several variables a value each, in pairs."""
    for x, value in tuples:
        set_value(x, value)


_OF_VARIABLES = {
    function.__name__: function
    for function in (get_value, set_value, batch_get_value, batch_set_value)
}


def _find(name: str) -> Any:
    """A function of Keras 2's `keras.backend`.

    Raises:
        AttributeError: There was none, or it has no counterpart on this backend.
    """
    import keras  # noqa: PLC0415 - as above

    found: Any = _OF_VARIABLES.get(name)
    if found is None and not name.startswith("_"):
        if keras.backend.backend() == "tensorflow":
            kept = getattr(importlib.import_module(_KEPT), name, None)
            found = kept if getattr(kept, "__module__", None) == _KEPT else None
        else:
            found = getattr(keras.ops, _RENAMED.get(name, name), None)
    if found is None:
        raise AttributeError(f"module 'keras.backend' has no attribute {name!r}")
    report(BACKEND)
    return found

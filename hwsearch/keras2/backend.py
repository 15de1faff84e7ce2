"""`keras.backend` as Keras 2 had it: `K.sum`, `K.clip` and the like, in losses and metrics.

Keras 3 keeps these functions for `tensorflow.keras.backend` only. With another backend than
TensorFlow, those that `keras.ops` has under the same name come from there.
"""

from __future__ import annotations

import importlib
from typing import Any

from hwsearch.keras2.reports import BACKEND, report

_KEPT = "keras.src.legacy.backend"
#: Functions that `keras.ops` has under another name.
_RENAMED = {"flatten": "ravel", "pow": "power", "reverse": "flip"}


def install() -> None:
    """Gives `keras.backend` the functions of Keras 2."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    module = keras.backend
    if "__getattr__" not in vars(module):
        vars(module)["__getattr__"] = _find


def _find(name: str) -> Any:
    """A function of Keras 2's `keras.backend`.

    Raises:
        AttributeError: There was none, or it has no counterpart on this backend.
    """
    import keras  # noqa: PLC0415 - as above

    found = None
    if not name.startswith("_"):
        if keras.backend.backend() == "tensorflow":
            kept = getattr(importlib.import_module(_KEPT), name, None)
            found = kept if getattr(kept, "__module__", None) == _KEPT else None
        else:
            found = getattr(keras.ops, _RENAMED.get(name, name), None)
    if found is None:
        raise AttributeError(f"module 'keras.backend' has no attribute {name!r}")
    report(BACKEND)
    return found

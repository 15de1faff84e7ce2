"""What to write instead of an old name that an error message quotes."""

from __future__ import annotations

import re

from hwsearch.keras2.names import RENAMED

_KERAS_1_MODEL = re.compile(r"passed to (\w+): \{.*['\"](input|output)['\"]: ", re.DOTALL)


def remedy(message: str) -> str:
    """What to write instead of an old name that an error message quotes; "" if it quotes none."""
    model = _KERAS_1_MODEL.search(message)
    if model and re.search(r"['\"](input|output)['\"]: [<\[(]", message):
        return f"{model[2]} is from Keras 1; in Keras 3: keras.Model(inputs=..., outputs=...)"
    for old, new in RENAMED.items():
        if re.search(rf"['\"]{re.escape(old)}['\"]", message):
            return f"{old} is from Keras 1 or 2; in Keras 3: {new}"
    return ""

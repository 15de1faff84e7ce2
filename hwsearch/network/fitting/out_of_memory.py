"""Whether an exception says that a network needs more memory than there is."""

from __future__ import annotations

import re

#: What TensorFlow, torch and JAX call it; their classes are not imported here.
_CLASSES = {"ResourceExhaustedError", "OutOfMemoryError"}
_TEXT = re.compile(
    r"RESOURCE_EXHAUSTED|ResourceExhaustedError|CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY"
    r"|can't allocate memory|Out of memory (while trying )?allocating|OOM when allocating"
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether this exception, or one that caused it, is an allocation that failed."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        names = {kind.__name__ for kind in type(error).__mro__}
        if isinstance(error, MemoryError) or names & _CLASSES or _TEXT.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False

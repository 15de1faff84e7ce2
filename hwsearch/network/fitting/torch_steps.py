"""Steps of torch's own optimisers, in scripts that use them beside Keras."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_IMPORTED = re.compile(rb"(?m)^\s*(?:import|from)\s+torch\b")


@contextlib.contextmanager
def before_each(call: Callable[[], None], script: Path) -> Iterator[None]:
    """Calls a function before each step of an optimiser of torch while this is open.

    Args:
        call: The function; what it raises ends the step.
        script: What is about to run. If it imports torch, torch is imported here, so that its
            optimisers can be observed.
    """
    if not _is_used(script):
        yield
        return
    from torch.optim import optimizer  # noqa: PLC0415 - of one backend alone

    hook = optimizer.register_optimizer_step_pre_hook(lambda *_: call())
    try:
        yield
    finally:
        hook.remove()


def _is_used(script: Path) -> bool:
    if "torch" in sys.modules:
        return True
    try:
        if not _IMPORTED.search(script.read_bytes()):
            return False
        import torch  # noqa: F401, PLC0415
    except (ImportError, OSError):  # the script's own import reports it
        return False
    return True

"""Optional libraries, which a person has to install for a bridge."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from hwsearch.errors import UserError
from hwsearch.printing import one_line


def needed(module: str, package: str, flag: str) -> ModuleType:
    """Imports a module of an optional library.

    Args:
        module: Its name.
        package: What pip calls the library.
        flag: What needs it, for the message.

    Raises:
        UserError: The library is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        why = "is not installed" if isinstance(error, ModuleNotFoundError) else "fails to load"
        missing = f" ({one_line(error)})"
        raise UserError(
            f"{flag}: the package {package} {why}{missing}; install it: "
            f"{one_line(sys.executable)} -m pip install {package}"
        ) from None

"""The controller's end of a fork server: starts it, sends requests and reads its messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from spearmint.schedulers.child import Child


class ForkClient(Child):
    """A fork server process, which may not have been started yet or may have ended.

    It imports the modules in the background, and starts no worker before it is `ready`.

    Args:
        modules: Names of the modules that it imports.
        variables: Its environment, and that of the workers.
        folder: Its current folder.

    Attributes:
        modules: Names of the modules that it imports.
    """

    def __init__(self, modules: list[str], variables: dict[str, str], folder: Path) -> None:
        server = "spearmint.schedulers.fork_server"
        super().__init__(sys.executable, server, [json.dumps(modules)], variables, folder)
        self.modules = modules

"""Ends what workers that were killed have left behind: processes outside of their groups."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress

from spearmint.worker.descendants import adopt, children, kill_tree
from spearmint.worker.limits import is_watcher


class Orphans:
    """Children that this process has not started.

    From now on, descendants whose parents end become its children. While a worker runs, it is the
    new parent itself, so these are what dead workers have left. Only watchers of jobs, which end by
    themselves, are left alone.
    """

    __slots__ = ("_own",)

    def __init__(self) -> None:
        self._own = children()  # of imported modules
        adopt()

    def end(self, workers: Collection[int]) -> None:
        """Kills all of them, and takes the exit statuses of those that have ended.

        Args:
            workers: The children that are no orphans.
        """
        for pid in children() - self._own - set(workers):
            with suppress(ChildProcessError):
                has_ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG) is not None
                if not has_ended and not is_watcher(pid):
                    kill_tree(pid)

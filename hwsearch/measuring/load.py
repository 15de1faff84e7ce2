"""What a profiler runs and measures."""

from __future__ import annotations

from typing import Protocol


class Load(Protocol):
    """A steady load: the same batch again and again.

    A load that runs on a GPU also has an attribute `on_gpu` that is true.

    Attributes:
        images_per_run: Images per batch.
    """

    images_per_run: int

    def run(self) -> None:
        """Runs one batch; returns when its results are on the host."""

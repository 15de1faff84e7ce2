"""The files of `CSVLogger`, which a training that continues does not begin again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hwsearch.keras_runtime import keras


def sizes(callbacks: Sequence[Any]) -> list[int]:
    """The sizes of the files of all `CSVLogger` now, in bytes; 0 for one that has none.

    Args:
        callbacks: Of the training.
    """
    return [path.stat().st_size if path.is_file() else 0 for _, path in _files(callbacks)]


def continue_files(callbacks: Sequence[Any], sizes_before: Sequence[int]) -> None:
    """Lets each `CSVLogger` write after what it had written when the training was paused.

    Rows after that are those of a process that was killed.

    Args:
        callbacks: As for `sizes`.
        sizes_before: What `sizes` gave.

    Raises:
        OSError: A file cannot be written.
    """
    for (logger, path), size in zip(_files(callbacks), sizes_before, strict=True):
        if size and path.is_file() and path.stat().st_size >= size:
            os.truncate(path, size)
            logger.append = True


def _files(callbacks: Sequence[Any]) -> Iterator[tuple[Any, Path]]:
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.CSVLogger):
            yield callback, Path(callback.filename)

"""The state of a training between two epochs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hwsearch.pausing.plain import Writer, read

#: Of the form of the file; another one is not read.
_VERSION = 2


@dataclass(slots=True)
class State:
    """A training between two epochs, as plain values.

    Attributes:
        key: What it is the state of: run, script, libraries, ... Another training must not
            continue from it.
        epoch: Epochs done.
        planned: Epochs of the whole training.
        seconds: Duration of the training so far.
        variables: Values of the model's and the optimiser's variables.
        report: What our own callback knows.
        attributes: Changed attributes of the other callbacks and of the data.
        streams: Positions in the data.
        before: What was known before the training, as the caller stores it.
        own_variables: Changed values of variables that callbacks, losses and the script have.
        log_sizes: Sizes of the files of `CSVLogger`, in bytes.
    """

    key: Mapping[str, Any]
    epoch: int
    planned: int
    seconds: float
    variables: list[Any]
    report: Mapping[str, Any]
    attributes: list[Mapping[str, Any]]
    streams: Mapping[str, Any]
    before: Mapping[str, Any]
    own_variables: list[Mapping[str, Any]] = field(default_factory=list)
    log_sizes: list[int] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """The content of a file.

        Raises:
            CannotPauseError: A part of it cannot be stored.
        """
        content = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return Writer().file({"version": _VERSION} | content)

    @classmethod
    def read(cls, path: Path, key: Mapping[str, Any]) -> State | None:
        """The state in a file; None if there is none that is of this training.

        Args:
            path: The file.
            key: Of the training.
        """
        try:
            content = read(path.read_bytes())
            if content.pop("version") != _VERSION or content["key"] != dict(key):
                return None
            return cls(**content)
        except Exception:  # a damaged file is a lost one: the training begins again
            return None

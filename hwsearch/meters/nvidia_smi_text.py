"""Parses what nvidia-smi prints: CSV rows and the text of `-q -d POWER`.

The same value has several names: `power.draw` (all drivers; a 1 s average on most GPUs since
Ampere), `power.draw.instant` and `power.draw.average` (since driver 530). In the text it is
`Power Draw` until driver 530, then `Average Power Draw` and `Instantaneous Power Draw` under
`GPU Power Readings`; other sections hold the power of the module and the memory. `Power Samples`
and its `Avg` are a rolling mean of nvidia-smi over an unstated time, and are never read.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m?W)?")
TIMESTAMP = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+")
GPU_SECTIONS = ("Power Readings", "GPU Power Readings")
OTHER_SECTIONS = ("Power Samples", "Module Power Readings", "GPU Memory Power Readings")


class NotANumberError(ValueError):
    """A field holds a word instead of a number; the error's text is that word."""


@dataclass(frozen=True, slots=True)
class Row:
    """A power value.

    Attributes:
        watts: W.
        wall_s: When nvidia-smi read it, by its own timestamp, in seconds since the epoch; None =
            unknown.
    """

    watts: float
    wall_s: float | None


def watts(text: str) -> float:
    """A power in W: "57.16 W", "57,16 W" (some locales), "57.16".

    Raises:
        NotANumberError: "[N/A]", "[Not Supported]", "ERR!", "[Unknown Error]", a zero, ...
    """
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        raise NotANumberError(text.strip() or "nothing")
    value = float(match[1].replace(",", ".")) * (0.001 if match[2] == "mW" else 1.0)
    if value == 0:
        raise NotANumberError(text.strip())  # a GPU always draws power
    return value


def wall_seconds(text: str) -> float | None:
    """Seconds since the epoch of "2026/03/01 10:00:00.123", local time; None if it is not one."""
    if TIMESTAMP.fullmatch(text) is None:
        return None
    whole, _, fraction = text.partition(".")
    try:
        moment = time.strptime(whole, "%Y/%m/%d %H:%M:%S")
        return time.mktime(moment) + float(f"0.{fraction}")
    except (ValueError, OverflowError):
        return None


class CsvRows:
    """Reads the output of `--query-gpu=timestamp,<field> --format=csv`, line by line.

    The header determines the columns, in any order and with any unit ("power.draw [W]").
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._columns: list[str] | None = None

    def feed(self, line: str) -> Row | None:
        """The row of a line; None for a header.

        Raises:
            NotANumberError: The line is not a row, or its power is not a number.
        """
        cells = [cell.strip() for cell in line.strip().split(", ")]
        names = [cell.partition(" ")[0] for cell in cells]
        if self._field in names:
            self._columns = names
            return None
        if self._columns is None or len(cells) != len(self._columns):
            raise NotANumberError(line.strip())
        values = dict(zip(self._columns, cells, strict=True))
        return Row(watts(values[self._field]), wall_seconds(values.get("timestamp", "")))


class PowerText:
    """Reads the output of `-q -d POWER`, line by line.

    The value is the GPU's own power; the instantaneous one if there is one.
    """

    def __init__(self) -> None:
        self._inside = False
        self._seen = False  # one value per log: drivers with both values print the average first

    def feed(self, line: str) -> Row | None:
        """The row that a line completes, or None.

        Raises:
            NotANumberError: The power is not a number.
        """
        key, _, value = (part.strip() for part in line.partition(":"))
        if "NVSMI LOG" in line or re.match(r"GPU [0-9A-Fa-f]+:", line):
            self._inside = self._seen = False
        elif key in GPU_SECTIONS:
            self._inside = not value  # "Power Readings : N/A" is a section without lines
            if value:
                raise NotANumberError(value)
        elif key in OTHER_SECTIONS:
            self._inside = False
        elif self._inside and not self._seen and key in ("Power Draw", "Instantaneous Power Draw"):
            self._seen = True
            return Row(watts(value), None)
        return None

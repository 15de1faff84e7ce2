"""How many of a known number of steps are done: a bar on a terminal, a line per step elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO

from hwsearch.formatting import rough_duration
from hwsearch.printing import lines as printable
from hwsearch.progress.drawing import gauge
from hwsearch.progress.terminal import fits

#: Columns of the bar.
BAR = 20


class Steps:
    """Shows steps for a `with` block. It starts no thread: the process can be forked meanwhile.

    Args:
        title: What is done: "calibration".
        noun: What is counted: "network".
        stream: Where to.
        plain: Lines only, on a terminal too.
    """

    def __init__(self, title: str, noun: str, stream: TextIO, *, plain: bool = False) -> None:
        self._title, self._noun, self._stream = title, noun, stream
        self._region = None
        if not plain and fits(stream):
            from hwsearch.progress.region import Region  # noqa: PLC0415 - imports rich

            self._region = Region(stream)
        self._first: tuple[int, float] | None = None
        self._shown = title

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._region is not None:
            self._region.close()

    def wait(self, text: str) -> None:
        """Says on a terminal what is done before the first step ends."""
        if self._region is not None:
            self._region.draw(f"{self._title}: {text}")

    def note(self, text: str) -> None:
        """Says what the next step waits for."""
        if self._region is not None:
            self._region.draw(f"{self._shown}\n{text}")
        else:
            print(printable(text), file=self._stream, flush=True)

    def step(self, number: int, total: int, text: str) -> None:
        """Says that a step has ended.

        Args:
            number: Which one, counted from 1.
            total: How many there are.
            text: What came of it.
        """
        if self._region is not None:
            self._shown = self._state(number, total)
            self._region.draw(f"{self._shown}\n{self._noun} {number}: {text}")
        else:
            line = f"{self._noun} {number}/{total}: {text}"
            print(printable(line), file=self._stream, flush=True)

    def _state(self, number: int, total: int) -> str:
        text = f"{self._title}: {number} of {total} {self._noun}s {gauge(number / total, BAR)}"
        now = time.monotonic()
        if self._first is None:  # it takes longer than the others: libraries are loaded for it
            self._first = (number, now)
            return text
        first, since = self._first
        left_s = (now - since) / max(number - first, 1) * (total - number)
        return f"{text} about {rough_duration(left_s)} left"

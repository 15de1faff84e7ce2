"""Lines at the bottom of a terminal that change, below lines that stay."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hwsearch.printing import lines as printable
from hwsearch.printing import one_line
from hwsearch.progress.colours import THEME, Words
from hwsearch.progress.terminal import columns


class Region:
    """The changing lines of a terminal. It has no thread, and is not for several at once.

    Args:
        stream: The terminal.
        redirect: Whether what this process prints meanwhile goes above the lines.
    """

    def __init__(self, stream: TextIO, *, redirect: bool = False) -> None:
        self._stream = stream
        self._console = Console(file=stream, highlight=False, soft_wrap=True, theme=THEME)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            vertical_overflow="crop",
            redirect_stdout=redirect,
            redirect_stderr=False,
        )
        # With NO_COLOR there is no bold text either.
        self._colour = Text if self._console.no_color else Words()
        self._drawn: tuple[str, int] = ("", 0)
        self._live.start()
        # A process that is killed must not leave a terminal without a cursor.
        self._console.show_cursor(True)

    def print(self, text: str) -> None:
        """Prints lines that stay."""
        self._console.print(self._colour(printable(text)))

    def draw(self, text: str) -> None:
        """Draws the lines if they differ from those that are shown; each is cut at the width."""
        width = columns(self._stream)
        if (text, width) == self._drawn:
            return
        self._drawn = (text, width)
        self._console.width = width
        rows = [self._colour(one_line(row)) for row in text.split("\n")]
        for row in rows:
            row.no_wrap = True
            row.truncate(max(width - 1, 1), overflow="ellipsis")
        self._live.update(Text("\n").join(rows), refresh=True)

    def close(self) -> None:
        """Removes the changing lines; what was printed stays."""
        self._live.stop()

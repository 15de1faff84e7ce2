"""Draws what a terminal shows in the middle of a search.

    .venv/bin/python docs/draw_terminal.py --record   # runs the default search: terminal.json
    .venv/bin/python docs/draw_terminal.py            # the picture of it: terminal.svg

The search is a real one, `./run_tool.sh` on a pseudo-terminal. Of what it drew, one moment is kept:
a network trains after `--after` others have ended. Both files are in docs/images.
"""

from __future__ import annotations

import argparse
import fcntl
import io
import json
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "images" / "terminal.json"
COLUMNS, ROWS = 110, 26
#: Light grey on a dark ground; each colour has a contrast of at least 4.5 to it.
THEME = TerminalTheme(
    (24, 27, 32),
    (221, 224, 228),
    [
        (24, 27, 32),
        (245, 120, 120),
        (120, 200, 130),
        (226, 186, 92),
        (122, 170, 245),
        (208, 150, 230),
        (96, 204, 210),
        (221, 224, 228),
    ],
)
# Without the fonts of rich's own form, which a reader's browser would fetch from elsewhere.
FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
 role="img" aria-label="A terminal in the middle of a search">
<style>
.{unique_id}-matrix {{
font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
{lines}
</defs>
<rect fill="#181b20" x="1" y="1" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, 12)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
# What rich sends to a terminal besides colours: to the line above, erase this line, cursor.
_CONTROL = re.compile(r"\x1b\[(1A|2K|\?25[hl])")


def record(command: list[str]) -> list[str]:
    """Runs a command on a pseudo-terminal; returns what it drew, piece by piece."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # the other side was closed
            break
        text = piece.decode("utf-8", "replace")
        pieces.append(text)
        sys.stdout.write(text)
        sys.stdout.flush()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("draw_terminal.py: the search failed")
    return pieces


class Screen:
    """The lines that a terminal has shown, with the codes of their colours."""

    def __init__(self) -> None:
        self.lines = [""]

    def take(self, piece: str) -> None:
        """Shows what was sent."""
        for part in re.split(r"(\x1b\[(?:1A|2K|\?25[hl])|\r?\n|\r)", piece):
            code = _CONTROL.fullmatch(part)
            if part in ("\n", "\r\n"):
                self.lines.append("")
            elif code is None:
                self.lines[-1] += part if part != "\r" else ""
            elif code[1] == "2K":
                self.lines[-1] = ""
            elif code[1] == "1A":
                self.lines.pop()


def moment(pieces: list[str], after: int) -> list[str]:
    """The screen shortly before the end of a network that trains after so many others.

    If none does, of the last network that trains.
    """
    screen, kept, number = Screen(), [""], 0
    for piece in pieces:
        screen.take(piece)
        last = Text.from_ansi("\n".join(screen.lines[-4:])).plain
        state = re.search(r"(?m)^(\d+) of \d+ networks", last)
        trains = re.search(r"(?m)^(job \d+:) training, epoch", last)
        # Not between the line of a network's end and the next drawing.
        if state and trains and last.count(trains[1]) == 1:
            if after <= number < int(state[1]):
                break
            number, kept = int(state[1]), screen.lines[-ROWS:]
    whole = [not line.startswith("  ") for line in kept]
    return kept[whole.index(True) :]  # not from the middle of a table


def draw(lines: list[str], path: Path) -> None:
    """Writes the picture."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False
    )
    for line in lines:
        text = Text.from_ansi(line)
        console.print(*(text.wrap(console, COLUMNS) or [text]), sep="\n")
    console.save_svg(str(path), title="", theme=THEME, code_format=FORM, unique_id="terminal")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Draws a terminal; see the head of this file.")
    parser.add_argument("--record", action="store_true", help="run a search and keep a moment")
    parser.add_argument("--after", type=int, default=8, metavar="N", help="with N networks (8)")
    given = parser.parse_args()
    if given.record:
        lines = moment(record([str(ROOT / "run_tool.sh")]), given.after)
        home = str(ROOT)
        lines = [line.replace(home, "/home/you/hyperpower") for line in lines]
        DATA.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")
    draw(json.loads(DATA.read_text(encoding="utf-8")), DATA.with_suffix(".svg"))


if __name__ == "__main__":
    main()

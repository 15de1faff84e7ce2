from __future__ import annotations

import re
import sys

import pytest

from hwsearch.progress.region import Region
from tests.pseudo_terminal import Terminal


def test_what_is_printed_stays_above_the_rows(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    region = Region(terminal.stream, redirect=True)
    region.draw("one\ntwo")
    region.print("job 1: done")
    print("printed elsewhere")
    region.close()
    terminal.stream.write("the end")
    terminal.stream.flush()
    text = terminal.read_until(lambda text: "the end" in text)
    # Erased rows, the line that stays, the rows again.
    assert re.search(r"two\s+job 1: done\s+one\s+two\s+printed elsewhere\s+one\s+two", text)


def test_rows_are_drawn_again_only_if_they_change(terminal: Terminal) -> None:
    region = Region(terminal.stream)
    region.draw("one")
    region.draw("one")
    terminal.resize(50)
    region.draw("one")
    region.close()
    terminal.stream.write("the end")
    terminal.stream.flush()
    terminal.read_until(lambda text: "the end" in text)
    assert (
        terminal.raw.count("one") == 3
    )  # 60 columns, 50 columns, and the last time before it goes

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios

import pytest

from hwsearch.progress import terminal


@pytest.mark.parametrize(("term", "fits"), [("xterm-256color", True), ("dumb", False), ("", False)])
def test_what_a_terminal_can_show(term: str, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert terminal.fits(stream) is fits
        assert terminal.columns(stream) == 80
        fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 61, 0, 0))
        assert terminal.columns(stream) == 61
    os.close(ours)
    assert not terminal.fits(io.StringIO())
    assert terminal.columns(io.StringIO()) == 80

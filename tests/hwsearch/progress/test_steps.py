"""A bar on a real pseudo-terminal, lines elsewhere."""

from __future__ import annotations

import io

from hwsearch.progress.steps import Steps
from tests.pseudo_terminal import CONTROL, Terminal


def test_a_bar_grows_and_goes(terminal: Terminal) -> None:
    with Steps("calibration", "network", terminal.stream) as steps:
        steps.wait("Keras starts")
        terminal.read_until(lambda text: "calibration: Keras starts" in text)
        steps.step(1, 4, "runtime 9.9 µs/image")
        terminal.read_until(lambda text: "network 1: runtime 9.9 µs/image" in text)
        shown = CONTROL.sub("", terminal.raw)
        assert "calibration: 1 of 4 networks [#####...............]\r\n" in shown
        steps.note("Waiting for a GPU")
        terminal.read_until(lambda text: "Waiting for a GPU" in text)
        assert CONTROL.sub("", terminal.raw).count("1 of 4 networks") == 2
        steps.step(2, 4, "cannot be used: \x1b[31m" + 60 * "x")
        terminal.read_until(lambda text: "network 2: cannot be used: \\x1b[31mxxx" in text)
        terminal.read_until(lambda text: text.endswith("x…"))
        shown = CONTROL.sub("", terminal.raw)
        assert "calibration: 2 of 4 networks [##########..........] about" in shown
    terminal.stream.write("the end")
    terminal.stream.flush()
    terminal.read_until(lambda text: "the end" in text)
    after = terminal.raw[terminal.raw.rindex("x…") :]
    assert after.count("\x1b[2K") == 2  # both rows are erased
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rfind("\x1b[?25l")


def test_lines_where_they_are_wanted(terminal: Terminal) -> None:
    with Steps("calibration", "network", terminal.stream, plain=True) as steps:
        steps.wait("Keras starts")
        steps.step(1, 16, "runtime 9.9 µs/image")
        steps.step(2, 16, "\x1b[31m")
    terminal.read_until(lambda text: "network 2/16" in text)
    assert terminal.raw == "network 1/16: runtime 9.9 µs/image\r\nnetwork 2/16: \\x1b[31m\r\n"


def test_lines_into_a_file() -> None:
    stream = io.StringIO()
    with Steps("calibration", "network", stream) as steps:
        steps.wait("Keras starts")
        steps.note("Waiting for a GPU")
        steps.step(1, 16, "runtime 9.9 µs/image")
    assert stream.getvalue() == "Waiting for a GPU\nnetwork 1/16: runtime 9.9 µs/image\n"

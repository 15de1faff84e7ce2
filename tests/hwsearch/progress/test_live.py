"""The view on a terminal: a real pseudo-terminal, and what is left on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hwsearch.experiment import Experiment
from hwsearch.progress.live import Live
from hwsearch.progress.search import Search
from tests.hwsearch.progress.conftest import PARAMS, Jobs
from tests.pseudo_terminal import Terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def view(search: Search, experiment: Experiment, terminal: Terminal) -> Iterator[Live]:
    shown = Live(search, experiment, terminal.stream, period_s=0.05)
    yield shown
    shown.close()


@pytest.fixture
def experiment(tmp_path: object) -> Experiment:
    found = Experiment(str(tmp_path))
    found.output_dir.mkdir(parents=True)
    return found


SUBMITTED = {"event": "submitted", "job": 1, "params": PARAMS, "resource": "Main", "again": False}


def test_a_running_job_is_followed_and_its_end_is_a_line(
    view: Live, terminal: Terminal, experiment: Experiment, jobs: Jobs
) -> None:
    view.show(SUBMITTED)
    terminal.read_until(lambda text: "job 1: starting" in text)
    output = experiment.output_dir / "00000001.out"
    output.write_text(
        "--- job 1, attempt 1, 2026: x\nruntime: 4.9 µs/image (budget 9.6 µs/image); x\n"
    )
    terminal.read_until(lambda text: "runtime 4.9 of 9.6 µs/image [#####" in text)
    with output.open("a") as file:
        file.write("training: 3 epochs; x\nepoch 1/3: loss 1, error 9.00 %, 1.0 s\n")
        file.write("epoch 2/3: loss 1, error 5.00 %, 1.0 s\n")
    terminal.read_until(lambda text: "job 1: training, epoch 2/3: █▁ error 5.00 %" in text)
    jobs.add(1, 3.0, 9e-6, 0.95)
    view.show({"event": "finished", "job": 1, "status": "complete", "output": str(output)})
    text = terminal.read_until(lambda text: "1 networks: 1 trained" in text)
    assert "job 1: error 3.0 ± 0.4 %, runtime 9.00 ± 0.05 of 9.6 µs/image" in text
    assert "  learning_rate  0.3162" in text


def test_rows_fit_into_the_terminal_also_when_it_becomes_narrower(
    view: Live, terminal: Terminal
) -> None:
    view.show(SUBMITTED | {"job": 123456789})
    for columns in (60, 24):
        terminal.resize(columns)
        before = len(terminal.raw)
        terminal.read_until(lambda _: "none under" in terminal.raw[before:])  # noqa: B023
        view.show({"event": "of a later version"})
    terminal.read_until(lambda text: "best: none under the b…" in text)


def test_the_terminal_is_left_as_it_was(
    search: Search, experiment: Experiment, terminal: Terminal
) -> None:
    view = Live(search, experiment, terminal.stream, period_s=0.05)
    view.note("a remark\x1b[31m")
    terminal.read_until(lambda text: "best: none" in text)
    view.close()
    terminal.stream.write("the end")
    terminal.stream.flush()
    terminal.read_until(lambda text: "the end" in text)
    assert "a remark\\x1b[31m" in terminal.raw  # escaped, not obeyed
    # Lines that change are erased, and the cursor is there.
    after = terminal.raw[terminal.raw.rindex("none under") :]
    assert "\x1b[2K" in after
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rfind("\x1b[?25l")


def test_without_colours_there_are_none(
    search: Search, experiment: Experiment, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    view = Live(search, experiment, terminal.stream, period_s=0.05)
    terminal.read_until(lambda text: "best: none" in text)
    view.close()
    assert not COLOUR.search(terminal.raw)

"""The picture of a terminal: what is kept of a recorded search."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.documents import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_terminal", ROOT / "docs/draw_terminal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


AGAIN = "\r\x1b[2K\x1b[1A\x1b[2K"
PIECES = [
    "  units  9\r\n\x1b[?25l1 of 5 networks\r\n\x1b[1mjob 2:\x1b[0m training, epoch 1/2: 9",
    f"{AGAIN}job 2: over the budget\r\n2 of 5 networks\r\njob 3: building",
    f"{AGAIN}2 of 5 networks\r\njob 3: training, epoch 1/2: 8",
    f"{AGAIN}2 of 5 networks\r\njob 3: training, epoch 2/2: 7",
    f"{AGAIN}job 3: error 7\r\n3 of 5 networks\r\njob 4: training, epoch 1/2: 9",
]


def test_the_last_moment_of_a_training(script: ModuleType) -> None:
    assert script.moment(PIECES, 2) == [
        "job 2: over the budget",
        "2 of 5 networks",
        "job 3: training, epoch 2/2: 7",
    ]
    assert script.moment(PIECES, 1)[-1] == "\x1b[1mjob 2:\x1b[0m training, epoch 1/2: 9"
    # If none trains after so many, the last that trains.
    assert script.moment(PIECES, 5)[-1] == "job 4: training, epoch 1/2: 9"


def test_the_picture_needs_nothing_from_elsewhere(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "terminal.svg"
    script.draw(["\x1b[1mjob 2:\x1b[0m <training>", "best: ▁█"], path)
    text = path.read_text("utf-8")
    assert "&lt;training&gt;" in text
    assert "url(http" not in text
    assert "▁█" in text

"""What changes a fingerprint of source, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.optimiser import fingerprint, peers
from benchmarks.optimiser.problems import load

SOURCE = '''"""A module."""
from __future__ import annotations

import numpy as np
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere import Something

__all__ = ["Point", "double"]

#: A constant.
FACTOR: float = 2.0


class Point:
    """A point."""

    x: float
    y: float = 0.0


def double(value: float) -> float:
    """Twice the value."""
    import math  # only here

    doubled: float = FACTOR * value  # the product
    return doubled if math.isfinite(doubled) else 0.0
'''


def of(*sources: str) -> str:
    hashes = [fingerprint.statements(source).values() for source in sources]
    return fingerprint.combined(value for part in hashes for value in part)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Twice the value."""', '"""Doubles a value."""'),
        ('    """A point."""\n', ""),
        ("#: A constant.\n", ""),
        ("  # the product", ""),
        ("FACTOR: float = 2.0", "FACTOR = 2.0"),
        ("(value: float) -> float", "(value)"),
        ("doubled: float =", "doubled ="),
        ("x: float\n", "x: int\n"),
        ("import numpy as np", "import scipy"),
        ("    import math  # only here\n", ""),
        ('["Point", "double"]', '["Point"]'),
        ("    from somewhere import Something", "    pass"),
        ("\n\n\n", "\n\n"),
    ],
)
def test_what_changes_no_result_changes_no_fingerprint(old: str, new: str) -> None:
    assert old in SOURCE
    assert of(SOURCE.replace(old, new)) == of(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("= 2.0", "= 2.5"),
        ("FACTOR * value", "value * FACTOR"),
        ("y: float = 0.0", "y: float = 1.0"),
        ("    x: float\n", ""),
        ("else 0.0", "else None"),
        ("def double", "def doubled"),
        ("class Point:", "class Point(tuple):"),
        ("value: float)", "value: float = 1)"),
    ],
)
def test_other_changes_do(old: str, new: str) -> None:
    assert old in SOURCE
    assert of(SOURCE.replace(old, new)) != of(SOURCE)


def test_statements_may_move_to_another_module() -> None:
    head, point, double = SOURCE.partition("class Point")[0], "class Point", "def double"
    middle = SOURCE[SOURCE.index(point) : SOURCE.index(double)]
    tail = SOURCE[SOURCE.index(double) :]
    assert of(tail, '"""Another."""\n' + middle, head) == of(SOURCE)


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "spearmint" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_only_what_decides_on_suggestions_counts(tmp_path: Path) -> None:
    records = "class Task:\n    x = 1\n\nclass Config:\n    y = 1\n"
    files = {
        "choosers/a.py": "A = 1\n",
        "optimiser/b.py": "B = 1\n",
        "config/records.py": records,
        "main.py": "C = 1\n",
    }

    def changed(name: str, text: str) -> str:
        folder = tmp_path / f"{name.replace('/', '_')}{len(text)}"
        return fingerprint.of_optimiser(tree(folder, {**files, name: text}))

    same = fingerprint.of_optimiser(tree(tmp_path / "same", files))
    assert changed("main.py", "C = 20\n") == same
    assert changed("config/records.py", records.replace("y = 1", "y = 20")) == same
    assert changed("config/records.py", records.replace("x = 1", "x = 20")) != same
    assert changed("choosers/a.py", "A = 20\n") != same
    moved = {**files, "optimiser/models/b.py": files["optimiser/b.py"], "optimiser/b.py": ""}
    assert fingerprint.of_optimiser(tree(tmp_path / "moved", moved)) == same


def test_a_run_of_ours_records_it() -> None:
    versions = peers.create("ours", load("gramacy"), 1).versions()
    assert versions["spearmint"] == fingerprint.of_optimiser()
    assert len(versions["spearmint"]) == 10

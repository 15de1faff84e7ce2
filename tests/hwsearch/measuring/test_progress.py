from __future__ import annotations

from hwsearch.measuring.progress import Progress


def test_a_line_each_second():
    lines: list[str] = []
    progress = Progress(lines.append, 10.0)
    for tenths in range(25):
        progress.at(tenths / 10)
    assert lines == [f"measuring: {second}.0 s of at most 10.0 s" for second in (0, 1, 2)]

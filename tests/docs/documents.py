"""The Markdown files of the repository, taken apart for the tests beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs", "examples", "benchmarks")
FRONT = ("README.md", "CONTRIBUTING.md", "examples/README.md")
#: Pages that people follow step by step: their commands are run.
GUIDES = (*(ROOT / name for name in FRONT), *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page, without its indentation."""

    page: Path
    line: int
    language: str
    code: str
    output: str
    """The ```text block that follows with at most one line of text between; "" if there is none."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """All Markdown files that are the project's own."""
    found = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    # An environment in a hidden folder of a benchmark brings pages of other projects.
    return sorted(p for p in found if not any(x[0] == "." for x in p.relative_to(ROOT).parts))


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of one language, in their order."""
    text = page.read_text(encoding="utf-8")
    fences = list(_FENCE.finditer(text))
    result = []
    for number, fence in enumerate(fences):
        if fence[2] != language:
            continue
        output = ""
        if number + 1 < len(fences) and fences[number + 1][2] == "text":
            between = text[fence.end() : fences[number + 1].start()].strip()
            if len(between.splitlines()) <= 1:
                output = _plain(fences[number + 1])
        line = text.count("\n", 0, fence.start()) + 1
        result.append(Block(page, line, language, _plain(fence), output))
    return result


def _plain(fence: re.Match[str]) -> str:
    return re.sub(rf"^{fence[1]}", "", fence[3], flags=re.MULTILINE)


def prose(page: Path) -> str:
    """A page without its fenced blocks and its `code`."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "``", text)


def table(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    text = page.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    rows = []
    for line in rest.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])])
        elif rows:
            break
    return rows[2:]

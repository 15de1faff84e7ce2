"""Hooks of mkdocs.yml: pages that lie outside docs/, and links that lead there.

In the repository, links are relative paths. On the site, a link to another page leads to that page,
and a link to a file that is not part of the site becomes the file's path as text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Where files that lie outside docs/ stand on the site.
OUTSIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "examples/README.md": "examples.md",
    "benchmarks/faults/README.md": "benchmarks/faults.md",
    "benchmarks/malformed/README.md": "benchmarks/malformed.md",
    "benchmarks/measuring/README.md": "benchmarks/measuring.md",
    "benchmarks/newcomer/README.md": "benchmarks/newcomer.md",
    "benchmarks/overhead/README.md": "benchmarks/overhead.md",
    "benchmarks/optimiser/README.md": "benchmarks/optimiser.md",
    "benchmarks/optimiser/digits_table/README.md": "benchmarks/digits_table.md",
    "benchmarks/paper/README.md": "benchmarks/paper.md",
    "benchmarks/scripts/README.md": "benchmarks/scripts.md",
    "benchmarks/paper/comparison.png": "benchmarks/comparison.png",
    "benchmarks/paper/fronts.png": "benchmarks/fronts.png",
    "benchmarks/optimiser/curves.png": "benchmarks/curves.png",
    "benchmarks/optimiser/scaling.png": "benchmarks/scaling.png",
}
_LINK = re.compile(r"(!?)\[((?:[^\]\[]|\[[^\]]*\])*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Adds the files that lie outside docs/."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - tests read OUTSIDE without MkDocs

    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Points the links of a page to where their targets stand on the site."""
    here = Path(page.file.abs_src_path).parent

    def link(found: re.Match[str]) -> str:
        image, text, path, anchor = found[1], found[2], found[3], found[4] or ""
        target = Path(os.path.normpath(here / path))
        if not target.exists() or not target.is_relative_to(ROOT):
            return found[0]  # MkDocs reports it
        name = target.relative_to(ROOT).as_posix()
        place = OUTSIDE.get(name, name.removeprefix("docs/") if name.startswith("docs/") else "")
        if name == "README.md":
            place = "index.md"
        if not place:
            return text if "`" in text else f"{text} (`{name}`)"
        relative = os.path.relpath(place, Path(page.file.src_uri).parent).replace(os.sep, "/")
        return f"{image}[{text}]({relative}{anchor})"

    return _LINK.sub(link, markdown)

"""Every link of every Markdown file leads somewhere."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from tests.docs.documents import ROOT, pages, prose

LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
EXTERNAL = re.compile(r"https://([a-z0-9-]+\.)+[a-z]{2,}(/[\w./()#?=&%~+-]*)?")
PAGES = pages()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as both GitHub and MkDocs make them."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        words = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower()).strip()
        github = re.sub(r"\s", "-", words)
        ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
        if github == re.sub(r"[-\s]+", "-", ascii_only):
            found.add(github)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    wrong = []
    for target in LINK.findall(prose(page)):
        if "://" in target:
            if not EXTERNAL.fullmatch(target):
                wrong.append(f"{target}: not a well-formed https address")
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or ROOT not in (file, *file.parents):
            wrong.append(f"{target}: no such file")
        elif anchor and anchor not in anchors(file):
            wrong.append(f"{target}: no such heading; there are {sorted(anchors(file))}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_that_the_text_names_exist(page: Path) -> None:
    tops = "benchmarks|docs|examples|experiments/digits|hwsearch|requirements|spearmint|tests"
    named = re.findall(rf"`((?:{tops})/[\w./-]+)`", page.read_text(encoding="utf-8"))
    made_by_a_run = re.compile(r"experiments/digits/(tmp|spearmint|mongodb)/|results/")
    missing = {
        name for name in named if not made_by_a_run.search(name) and not (ROOT / name).exists()
    }
    assert not missing

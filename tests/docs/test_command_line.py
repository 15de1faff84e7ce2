"""docs/command-line.md against the programs: the help texts and every flag that a page names."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from types import ModuleType

from spearmint.schedulers.ray import arguments
from tests.docs.documents import GUIDES, ROOT, prose

PAGE = ROOT / "docs" / "command-line.md"
#: Flags of other programs that the guides name.
OTHERS = {"--partition", "--gres", "--mem", "--time"}


@cache
def update_help() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_help", ROOT / "docs" / "update_help.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_help_is_shown_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(update_help().programs(text)) == 7
    assert update_help().updated(text) == text, "run: python docs/update_help.py"


def test_flags_that_the_text_names_exist() -> None:
    shown = update_help().updated(PAGE.read_text(encoding="utf-8"))
    for_ray = set(re.findall(r"--[a-z][\w-]+", arguments.parser().format_help()))
    known = set(re.findall(r"--[a-z][\w-]+", shown)) | for_ray | OTHERS
    for page in GUIDES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`[^`\n]*(?<![\w-])(--[a-z][\w-]+)", text))
        assert named <= known, f"{page.name}: {named - known}"
        assert "--" not in re.sub(r"<!--.*?-->|-{3,}", "", prose(page), flags=re.DOTALL)

"""Modules that a script imports: those that are missing, and how to install them."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from hwsearch.errors import nearest

ROOT = Path(__file__).resolve().parents[3]
#: Modules whose package on PyPI has another name.
_PACKAGES = {
    "Bio": "biopython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
#: Libraries that this tool needs too, and whose import starts no thread, so that a process that has
#: imported them can be forked.
_FORKABLE = {"numpy", "scipy", "sklearn"}
#: A script that changes where modules come from is not judged before it runs.
_OWN_WAYS = re.compile(r"\bsys\.(path|modules|meta_path)\b|\bpip\b|\bimportlib\b|\baddsitedir\b")


def install_remedy(module: str) -> str:
    """How to install a module that is missing, in words that name the command.

    A name that is nearly that of an installed one is probably a mistake; what has that name on PyPI
    is then not what the user wants.

    Args:
        module: As imported: "sklearn.datasets".
    """
    top = module.partition(".")[0]
    if top not in _PACKAGES:
        alike = [name for name in packages_distributions() if abs(len(name) - len(top)) <= 1]
        if meant := nearest(top, alike, cutoff=0.8):
            return f"did you mean {meant!r}?"
    ours = os.path.abspath(sys.prefix) == str(ROOT / ".venv")  # noqa: PTH100 - not a link's target
    python = ".venv/bin/python" if ours else sys.executable
    return (
        f"install it: {python} -m pip install {_PACKAGES.get(top, top)} (a module of your own "
        "belongs beside the template)"
    )


def missing(text: str, folder: Path) -> list[tuple[str, int, str]]:
    """The modules that a script, or a module beside it that it imports, needs and that are missing.

    Imports in functions, `if` and `try` are left out, because the script may never reach them.

    Args:
        text: Valid Python.
        folder: The template's folder.

    Returns:
        Triples of file ("" for the script), line and message.
    """
    found: list[tuple[str, int, str]] = []
    seen: set[str] = set()
    scripts = [("", text)]
    for file, content in scripts:
        if _OWN_WAYS.search(content):
            continue
        for line, module in _imports(_tree(content)):
            top = module.partition(".")[0]
            own = _own_file(folder, top)
            if own is not None and top not in seen:
                scripts.append((own.relative_to(folder).as_posix(), read(own)))
            elif own is None and top not in seen and not _is_installed(top):
                text = f"no module named {top!r} in {sys.executable}; {install_remedy(top)}"
                found.append((file, line, text))
            seen.add(top)
    return found


def packages(text: str) -> set[str]:
    """The top-level names of all modules that a script may import; empty if it is not Python."""
    return {name.partition(".")[0] for name in _all_imported(_tree(text))}


def forkable(text: str, folder: Path) -> list[str]:
    """The modules that a script needs and that can be imported before a process is forked.

    Args:
        text: The script; if it is not valid Python, nothing is found.
        folder: The template's folder, whose modules are left out.
    """
    found = {module for _, module in _imports(_tree(text))}
    tops = {top for top in _FORKABLE if _own_file(folder, top) is None}
    return sorted(name for name in found if name.partition(".")[0] in tops)


def own_modules(text: str, folder: Path) -> list[Path]:
    """The Python files in the template's folder that a script imports, directly or through others.

    Args:
        text: The script; if it is not valid Python, nothing is found.
        folder: The template's folder.
    """
    files: list[Path] = []
    contents = [text]
    for content in contents:
        for name in _all_imported(_tree(content)):
            for path in _files_of(folder, name):
                if path not in files:
                    files.append(path)
                    contents.append(read(path))
    return files


def own_texts(text: str, folder: Path) -> dict[str, str]:
    """The texts of the files that `own_modules` finds, by their paths below the folder."""
    paths = own_modules(text, folder)
    return {path.relative_to(folder).as_posix(): read(path) for path in paths}


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str]]:
    """What became of each file whose text is not the same: "has changed", "is new", "was removed".

    Args:
        before: Texts by path.
        now: The same, later.
    """
    found = [(path, "was removed") for path in before if path not in now]
    found += [(path, "is new") for path in now if path not in before]
    found += [(p, "has changed") for p in now if p in before and now[p] != before[p]]
    return sorted(found)


def _tree(text: str) -> ast.Module:
    """The script; an empty one if it is not valid Python, which is reported when it is run."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Absolute imports that the script reaches for certain: line and module."""
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from ((statement.lineno, alias.name) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.lineno, statement.module


def _all_imported(tree: ast.Module) -> Iterator[str]:
    """Every module that the script may import, and `package.name` of `from package import name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if base:
                yield base
            yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names)


def _files_of(folder: Path, module: str) -> Iterator[Path]:
    """The files in a folder that importing a module runs."""
    place = folder
    for part in module.split("."):
        if (place / f"{part}.py").is_file():
            yield place / f"{part}.py"
            return
        place /= part
        if (place / "__init__.py").is_file():
            yield place / "__init__.py"


def _own_file(folder: Path, top: str) -> Path | None:
    if (folder / f"{top}.py").is_file():
        return folder / f"{top}.py"
    if (folder / top).is_dir():
        return folder / top / "__init__.py"
    return None


def _is_installed(top: str) -> bool:
    if top in sys.builtin_module_names or top in sys.modules:
        return True
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def read(path: Path) -> str:
    """The text of a file; "" if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

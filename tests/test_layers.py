"""Who may import whom: the table of docs/architecture.md, checked against every import.

Imports inside functions count; those under `if TYPE_CHECKING` do not exist at run time, but they
have to follow the table as well.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.documents import blocks

ROOT = Path(__file__).resolve().parents[1]
ENTRY_POINTS = ("gener_experiment", "hyperpower", "run_tool")
#: Modules of an entry point inside a package: they may import all of both packages, and nobody but
#: they import them.
INNER_ENTRY_POINTS = {"hwsearch.report.__main__", "hwsearch.report.databases"}
# A row may import the rows below it, and itself only within one package.
LAYERS = {
    "hwsearch": """
        launch finish predict
        progress
        evaluation candidates calibration report
        expected_costs
        network_records trial
        costs experiment pausing
        measuring network formatting testing predicting
        command_line counting meters template metrics
        budget measurements atomic_files keras_runtime keras2 errors printing
    """,
    "spearmint": """
        main launcher cleanup testing
        control
        checking
        schedulers
        analysis choosers worker
        optimiser lifecycle
        config
        database
        processes errors console
    """,
}
FORBIDDEN = {
    "spearmint": {"hwsearch", "keras", "tensorflow", "torch", "jax", "sklearn", *ENTRY_POINTS},
    "hwsearch": {"spearmint", "pymongo", "bson", *ENTRY_POINTS},
}


def modules(package: str) -> dict[str, Path]:
    """Dotted name -> file, of the package itself and all below it."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = {package: modules(package) for package in LAYERS}
KNOWN = {name for found in MODULES.values() for name in found}


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports; `from a import b` is `a.b` if that is a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; imports are absolute here"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in KNOWN else str(node.module)


def layers(package: str) -> dict[str, int]:
    """First name below the package -> row."""
    rows = LAYERS[package].strip().splitlines()
    return {name: row for row, line in enumerate(rows) for name in line.split()}


def below(name: str) -> str:
    """`hwsearch.meters.nvml` -> `meters`."""
    return name.split(".")[1]


@pytest.mark.parametrize("package", LAYERS)
def test_packages_do_not_import_each_other(package: str) -> None:
    for name, path in MODULES[package].items():
        if name in INNER_ENTRY_POINTS:
            continue
        roots = {imported.split(".")[0] for imported in imports(path)}
        assert not roots & FORBIDDEN[package], f"{name} imports {roots & FORBIDDEN[package]}"


@pytest.mark.parametrize("package", LAYERS)
def test_imports_follow_the_table(package: str) -> None:
    rows = layers(package)
    wrong = []
    for name, path in MODULES[package].items():
        if name == package or name in INNER_ENTRY_POINTS:
            continue
        for imported in imports(path):
            if imported not in KNOWN or imported == package or below(imported) == below(name):
                continue
            if rows[below(imported)] <= rows[below(name)]:
                wrong.append(f"{name} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_an_entry_point() -> None:
    assert INNER_ENTRY_POINTS <= KNOWN
    for name, path in (item for found in MODULES.values() for item in found.items()):
        if name in INNER_ENTRY_POINTS:
            continue
        assert not set(imports(path)) & INNER_ENTRY_POINTS, name


@pytest.mark.parametrize("package", LAYERS)
def test_every_module_has_a_row(package: str) -> None:
    assert {below(name) for name in MODULES[package] if name != package} <= set(layers(package))


@pytest.mark.parametrize("package", LAYERS)
def test_the_table_is_that_of_the_documents(package: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = text.partition(f"| `{package}`, from top to bottom |\n| --- |\n")[2]
    rows = [line.strip("| ") for line in shown.partition("\n\n")[0].splitlines()]
    assert rows == [", ".join(line.split()) for line in LAYERS[package].strip().splitlines()]


def test_the_tree_is_the_tree() -> None:
    [tree] = [
        b.code for b in blocks(ROOT / "docs" / "architecture.md", "text") if "hwsearch/" in b.code
    ]
    folder = ROOT
    listed: dict[Path, set[str]] = {}
    for line in tree.splitlines():
        if not line.strip():
            continue
        name = line.split()[0]
        if not line.startswith(" "):
            folder = ROOT / name if name in ("hwsearch/", "spearmint/") else ROOT
        path = folder / name if line.startswith(" ") else ROOT / name
        assert path.is_dir() if name.endswith("/") else path.is_file(), path
        if line.startswith(" "):
            listed.setdefault(folder, set()).add(name.rstrip("/"))
    for package in ("hwsearch", "spearmint"):
        there = {path.name for path in (ROOT / package).iterdir()}
        there = {name for name in there if re.fullmatch(r"[a-z]\w*(\.py)?", name)}
        assert there == listed[ROOT / package]


@pytest.mark.parametrize("package", LAYERS)
def test_no_import_circles(package: str) -> None:
    graph = {
        name: {target for target in imports(path) if target in KNOWN and target != name}
        for name, path in MODULES[package].items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circle: " + " -> ".join((*trail, name))
        if name not in done:
            for target in graph.get(name, ()):
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize(("package", "most"), [("hwsearch", 12), ("spearmint", 8)])
def test_the_root_of_a_package_stays_small(package: str, most: int) -> None:
    assert len(list((ROOT / package).glob("*.py"))) <= most


@pytest.mark.parametrize("argument", ["--help", "--nonsense"])
def test_no_heavy_library_is_needed_to_answer(argument: str) -> None:
    code = (
        "import runpy, sys; sys.argv = ['gener_experiment.py', sys.argv[1]]\n"
        "try: runpy.run_path('gener_experiment.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "names = 'keras tensorflow numpy scipy sklearn pymongo'.split()\n"
        "heavy = set(names) & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, argument],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""Who may import whom: the rules of CONTRIBUTING.md, read off the code."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hwsearch", "spearmint")
FRONT_DOORS = ("gener_experiment", "hyperpower")
FORBIDDEN = {
    "spearmint": {"hwsearch", "keras", "tensorflow", "torch", "jax", "sklearn", *FRONT_DOORS},
    "hwsearch": {"spearmint", "pymongo", "bson", *FRONT_DOORS},
}


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path, *, top_level_only: bool) -> Iterator[str]:
    """Full dotted names that a module imports, `from a import b` as `a.b`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.iter_child_nodes(tree) if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; the house style is absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_package_stays_in_its_half(package: str) -> None:
    for name, path in modules(package):
        roots = {imported.split(".")[0] for imported in imports(path, top_level_only=False)}
        assert not roots & FORBIDDEN[package], f"{name} imports {roots & FORBIDDEN[package]}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_circles(package: str) -> None:
    known = {name for name, _ in modules(package)}
    graph = {
        name: {
            target
            for imported in imports(path, top_level_only=True)
            for target in (imported if imported in known else imported.rpartition(".")[0],)
            if target in known and target != name
        }
        for name, path in modules(package)
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circle: " + " -> ".join((*trail, name))
        if name not in done:
            for target in graph[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("argument", ["--help", "--nonsense"])
def test_front_door_needs_no_heavy_library_to_answer(argument: str) -> None:
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

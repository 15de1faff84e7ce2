"""A fingerprint of source code that changes only if what the code computes may change.

Every top-level statement (a function, a class, a constant) is hashed as its syntax tree, and the
fingerprint is a hash of the sorted set of these hashes. Comments, docstrings, annotations, imports,
the order of statements and the files in which they are do not matter.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: What decides on suggestions: all of these folders, and the named definitions of the other one.
FOLDERS = ("spearmint/choosers", "spearmint/optimiser")
RECORDS = ("spearmint/config", ("OUTCOMES", "Problem", "Task", "Variable"))
#: Fields of a syntax tree that say nothing of what is computed.
IGNORED = {"annotation", "ctx", "kind", "returns", "type_comment"}


def of_optimiser(root: Path = ROOT) -> str:
    """The fingerprint of the choosers and the optimiser, ten hexadecimal digits."""
    found = set()
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            found |= set(statements(path.read_text(encoding="utf-8")).values())
    folder, names = RECORDS
    for path in (root / folder).rglob("*.py"):
        hashes = statements(path.read_text(encoding="utf-8"))
        found |= {hashes[name] for name in names if name in hashes}
    return combined(found)


def combined(hashes: Iterable[str]) -> str:
    """The fingerprint of statements with these hashes, ten hexadecimal digits."""
    return hashlib.sha256("".join(sorted(set(hashes))).encode()).hexdigest()[:10]


def statements(source: str) -> dict[str, str]:
    """Hashes of a module's top-level statements, by what they define."""
    found = {}
    for node in ast.parse(source).body:
        text = "".join(_texts(node))
        if text and _name(node) != "__all__":
            found[_name(node)] = hashlib.sha256(text.encode()).hexdigest()
    return found


def _name(node: ast.stmt) -> str:
    """What a statement defines; its text if it is not a definition."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign):
        return ", ".join(ast.unparse(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    return ast.unparse(node)


def _texts(value: Any) -> Iterator[str]:
    """The parts of a text that is the same for the same code."""
    if isinstance(value, list):
        yield "["
        for item in value:
            yield from _texts(item)
        yield "]"
    elif isinstance(value, ast.Constant):
        yield f"({value.value!r})"
    elif isinstance(value, ast.AnnAssign) and value.value is not None:
        yield from _texts(ast.Assign([value.target], value.value))
    elif isinstance(value, ast.AST):
        if _is_ignored(value):
            return
        yield f"({type(value).__name__}"
        for name, field in ast.iter_fields(value):
            # Versions of Python differ in the fields that a tree has, but not in those that say
            # something.
            if name not in IGNORED and field is not None and field != []:
                yield f" {name}="
                yield from _texts(field)
        yield ")"
    else:
        yield repr(value)


def _is_ignored(node: ast.AST) -> bool:
    """Whether a statement is an import, a docstring, or only there for annotations."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"

"""The classes and functions of a script that Keras needs to load its saved model.

A script trains when it is imported. So what the model needs is copied from it into a module of its
own: definitions, and the statements at the script's top level that these refer to.
"""

from __future__ import annotations

import ast
import json
import symtable
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hwsearch import keras2
from hwsearch.network.program.rendered_script import keras2_lines, without_preamble

#: The name of the module, and of its dictionary for `custom_objects`.
MODULE, OBJECTS = "own_objects", "OBJECTS"


def own_objects(saved: Path, script: str, modules: Mapping[str, str]) -> str:
    """The text of the module.

    Args:
        saved: What `model.save` wrote.
        script: The rendered script.
        modules: The texts of the modules beside the template, by path, such as `parts/norm.py`.

    Returns:
        Python; "" if the model names nothing that the script or its modules define.
    """
    statements = ast.parse(without_preamble(script)).body
    bound = {name for statement in statements for name in _bound(statement)}
    elsewhere = _by_name(modules)
    own, imported = [], []
    for name in _named(saved):
        if name in bound:
            own.append(name)
        elif name in elsewhere:
            imported.append(name)
    if not (own or imported):
        return ""
    lines = [ast.unparse(one) for one in _needed(statements, {*own})]
    lines += [f"from {elsewhere[name]} import {name}" for name in imported]
    entries = "".join(f"    {name!r}: {name},\n" for name in (*own, *imported))
    body = "\n".join(lines)
    old = f"import sys as _sys\n{keras2_lines()}" if keras2.may_need(body) else ""
    return (
        '"""Classes and functions of the network\'s script, for keras.models.load_model."""\n\n'
        f"{_futures(statements)}{old}{body}\n\n{OBJECTS} = {{\n{entries}}}\n"
    )


def _named(saved: Path) -> list[str]:
    """The classes and functions that a saved model names and that are not Keras' own."""
    with zipfile.ZipFile(saved) as archive:
        config = json.loads(archive.read("config.json"))
    return list(dict.fromkeys(_names_in(config)))


def _names_in(entry: Any) -> Iterator[str]:
    if isinstance(entry, list):
        for one in entry:
            yield from _names_in(one)
    elif isinstance(entry, dict):
        module, name = entry.get("module"), entry.get("class_name")
        if name == "function":
            name = entry.get("config")
        if isinstance(name, str) and not str(module).startswith("keras"):
            yield name.rpartition(">")[2]
        for key, one in entry.items():
            # The loss and the metrics of `compile` may be names alone.
            if key in ("loss", "metrics", "weighted_metrics", "activation"):
                yield from _strings(one)
            yield from _names_in(one)


def _strings(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list | dict):
        for one in entry.values() if isinstance(entry, dict) else entry:
            yield from _strings(one)


def _by_name(modules: Mapping[str, str]) -> dict[str, str]:
    """The module that defines a class or function at its top level, by that one's name."""
    found: dict[str, str] = {}
    for path, text in modules.items():
        parts = Path(path).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        try:
            statements = ast.parse(text).body
        except (SyntaxError, ValueError):
            continue
        for one in statements:
            if isinstance(one, ast.ClassDef | ast.FunctionDef):
                found.setdefault(one.name, name)
    return found


def _needed(statements: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements that bind the names, and all that these refer to, in the script's order.

    Imports of everything (`import *`) are kept whenever anything is: what they bind is unknown.
    """
    kept: set[int] = set()
    wanted = set(names)
    grown = True
    while grown:
        grown = False
        for place, statement in enumerate(statements):
            if place in kept or not (_bound(statement) & wanted):
                continue
            kept.add(place)
            wanted |= _used(statement)
            grown = True
    return [
        _narrowed(statement, wanted)
        for place, statement in enumerate(statements)
        if (place in kept or (names and _is_star(statement))) and not _is_future(statement)
    ]


def _narrowed(statement: ast.stmt, wanted: set[str]) -> ast.stmt:
    """An import without the names that are not wanted; other statements as they are."""
    if not isinstance(statement, ast.Import | ast.ImportFrom) or _is_star(statement):
        return statement
    names = [alias for alias in statement.names if _name_of(alias) in wanted]
    if isinstance(statement, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(statement.module, names, statement.level)


def _bound(statement: ast.AST) -> set[str]:
    """The names that a statement binds at the level of the module."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {_name_of(alias) for alias in statement.names}
    if isinstance(statement, ast.Name):
        return {statement.id} if isinstance(statement.ctx, ast.Store) else set()
    if isinstance(statement, ast.Lambda):
        return set()
    return {name for child in ast.iter_child_nodes(statement) for name in _bound(child)}


def _used(statement: ast.stmt) -> set[str]:
    """The names of the module that a statement refers to, in functions and classes too."""
    return set(_global_names(symtable.symtable(ast.unparse(statement), "script", "exec")))


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_names(child)


def _name_of(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_star(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _futures(statements: list[ast.stmt]) -> str:
    return "".join(f"{ast.unparse(one)}\n" for one in statements if _is_future(one))

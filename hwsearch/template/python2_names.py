"""Names, modules and divisions of Python 2 in a syntax tree, and what to write instead."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAMES = {
    "basestring": "str",
    "execfile": "exec(open(path).read())",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}
MODULES = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "cStringIO": "io",
    "commands": "subprocess",
    "cookielib": "http.cookiejar",
    "httplib": "http.client",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
METHODS = {
    "has_key": "key in dictionary",
    "iteritems": "items",
    "iterkeys": "keys",
    "itervalues": "values",
}
#: Calls that refuse a real number as their first argument.
_COUNTED = {"Dense", "Embedding", "GRU", "LSTM", "SimpleRNN", "range", "xrange"}
#: Calls whose first argument is a count as well, though Keras accepts a real number.
_ALSO_COUNTED = {"Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"}
_COUNT_WORDS = {"units", "input_dim", "output_dim", "filters", "kernel_size", "pool_size"}
_REAL_COUNT = re.compile(
    r"'float' object cannot be interpreted as an integer|slice indices must be integers"
    r"|integers? or a single integer, got '[\d.]+'|integer.*[= ]\d+\.0\b|shape.*'\d+\.0'",
    re.DOTALL,
)


def remedy(message: str) -> str:
    """What to write in Python 3, given the message of an exception; "" if that is not the cause."""
    for old, new in (NAMES | MODULES | METHODS).items():
        quoted = rf"(name|named|attribute) '{re.escape(old)}'"
        if re.search(quoted, message):
            return f"{old} is from Python 2; in Python 3: {new}"
    if _REAL_COUNT.search(message):
        return "in Python 3, / gives a real number; write // where Python 2 divided integers"
    return ""


def faults(tree: ast.Module, folder: str, *, certain: bool) -> list[tuple[int, str]]:
    """What only Python 2 can run.

    Args:
        tree: The script.
        folder: Modules there can be imported.
        certain: Whether the script is known to be Python 2. Then uses count too that it may never
            reach.
    """
    seen = _Uses(folder, _defined(tree))
    seen.visit_body(tree.body, reached=True)
    sure = seen.sure + [
        entry for name in seen.called & seen.inside.keys() for entry in seen.inside[name]
    ]
    if not certain and not sure:
        return []
    return sorted({*sure, *seen.unsure, *(e for entries in seen.inside.values() for e in entries)})


def _defined(tree: ast.Module) -> set[str] | None:
    """Names that the script defines itself; None if it imports all names of a module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if any(alias.name == "*" for alias in node.names):
                return None
            names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    return names


@dataclass(slots=True)
class _Uses:
    """Uses of Python 2, by how certain it is that the script reaches them."""

    folder: str
    defined: set[str] | None
    sure: list[tuple[int, str]] = field(default_factory=list)
    unsure: list[tuple[int, str]] = field(default_factory=list)
    inside: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    divisions: dict[str, ast.BinOp] = field(default_factory=dict)

    def visit_body(self, body: list[ast.stmt], *, reached: bool, function: str = "") -> None:
        """Looks at statements; those in `try` and `if` may never run."""
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self.visit_body(statement.body, reached=reached, function=statement.name)
            elif isinstance(statement, ast.Try | ast.TryStar | ast.If):
                is_main = isinstance(statement, ast.If) and "__name__" in ast.unparse(
                    statement.test
                )
                for part in ("body", "orelse", "finalbody"):
                    inner = getattr(statement, part, [])
                    self.visit_body(inner, reached=reached and is_main, function=function)
            elif isinstance(statement, ast.For | ast.While | ast.With | ast.ClassDef):
                for child in ast.iter_child_nodes(statement):
                    if not isinstance(child, ast.stmt):
                        self._look(child, reached, function)
                self.visit_body(statement.body, reached=reached, function=function)
                self.visit_body(getattr(statement, "orelse", []), reached=False, function=function)
            else:
                self._look(statement, reached, function)

    def _look(self, part: ast.AST, reached: bool, function: str) -> None:
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.BinOp):
            target = part.targets[0]
            if isinstance(part.value.op, ast.Div) and isinstance(target, ast.Name):
                self.divisions[target.id] = part.value
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.called.add(node.id)
            elif isinstance(node, ast.Attribute):
                self.called.add(node.attr)
            for line, text, is_sure in self._of(node):
                if not (reached and is_sure):
                    self.unsure.append((line, text))
                elif function:
                    self.inside.setdefault(function, []).append((line, text))
                else:
                    self.sure.append((line, text))

    def _of(self, node: ast.AST) -> Iterator[tuple[int, str, bool]]:
        """The uses of one node: line, fault, and whether it fails for certain if it is reached."""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
            if self.defined is not None and node.id not in self.defined:
                yield node.lineno, _from_2(node.id, NAMES[node.id]), True
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift):
            if isinstance(node.left, ast.Name) and node.left.id == "print":
                stream = ast.unparse(node.right)
                yield node.lineno, _from_2("print >>", f"print(..., file={stream})"), True
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES and not self._importable(alias.name):
                    yield node.lineno, _from_2(alias.name, MODULES[alias.name]), True
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if name in MODULES and not node.level and not self._importable(name):
                yield node.lineno, _from_2(name, MODULES[name]), True
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield node.lineno, _from_2(f".{node.attr}", METHODS[node.attr]), False
        elif isinstance(node, ast.Call):
            yield from self._counts(node)

    def _counts(self, call: ast.Call) -> Iterator[tuple[int, str, bool]]:
        """Divisions that are a count."""
        name = str(getattr(call.func, "attr", getattr(call.func, "id", "")))
        if name not in _COUNTED | _ALSO_COUNTED:
            return
        arguments = call.args[:1]
        arguments += [word.value for word in call.keywords if word.arg in _COUNT_WORDS]
        for argument in arguments:
            value: ast.AST = argument
            if isinstance(argument, ast.Name):
                value = self.divisions.get(argument.id, argument)
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
                left, right = ast.unparse(value.left), ast.unparse(value.right)
                text = (
                    f"got {left} / {right} as a count: a whole number in Python 2, a real one in "
                    f"Python 3; expected {left} // {right}"
                )
                if "_hyperparam_" in text:
                    text = (
                        "got a division with / as a count: a whole number in Python 2, a real one "
                        "in Python 3; expected //"
                    )
                yield value.lineno, text, name in _COUNTED

    def _importable(self, module: str) -> bool:
        own = Path(self.folder) / module
        if own.with_suffix(".py").is_file() or own.is_dir():
            return True
        try:
            return importlib.util.find_spec(module) is not None
        except (ImportError, ValueError):
            return False


def _from_2(old: str, new: str) -> str:
    return f"got {old}, which is from Python 2; expected Python 3, such as: {new}"

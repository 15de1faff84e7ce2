"""Where in a program `fit` is called, and whether another call may follow one.

A script is stopped at its call of `fit` when that is the last one. It is the last one unless the
text says otherwise: another call further on, or a loop around this one. Two branches of one `if`
exclude each other. In doubt, another call may follow; the script then runs on.
"""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

NAMES = {"fit", "fit_generator"}
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
#: Libraries whose `fit(x, y)` trains nothing of Keras'.
_OTHERS = {"sklearn", "xgboost", "lightgbm", "catboost", "imblearn", "scipy", "statsmodels"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Position:
    """A line that runs now.

    Attributes:
        file: Of the user's script or of a module of theirs.
        line: Counted from 1.
        function: The name of the function that it belongs to.
    """

    file: str
    line: int
    function: str


def positions(frame: FrameType | None) -> list[Position]:
    """The lines of the user's own files that run now, the innermost first."""
    found = []
    while frame:
        code = frame.f_code
        if _is_users(code.co_filename):
            found.append(Position(code.co_filename, frame.f_lineno, code.co_name))
        if code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            break
        frame = frame.f_back
    return found


def _is_users(file: str) -> bool:
    path = Path(file)
    libraries = {"site-packages", "dist-packages"}
    own = Path(__file__).resolve().parents[1]
    return (
        path.is_file()
        and not libraries & set(path.parts)
        and own not in path.resolve().parents
        and not any(path.is_relative_to(p) for p in (sys.base_prefix + "/lib",))
    )


def more_may_follow(stack: Sequence[Position]) -> bool:
    """Whether the program may call `fit` again after the call that runs now.

    Args:
        stack: As `positions` gives it.
    """
    for at in stack:
        tree = _parsed(at.file)
        if _loop_around(tree, at.line) is not None:
            return True
        if at.function != "<module>" and _called_twice(tree, at.function):
            return True
    return another_site(stack)


def another_site(called: Sequence[Position]) -> bool:
    """Whether there are calls of `fit` that may still follow those that were made.

    Args:
        called: The lines that ran at these calls.
    """
    files = {at.file for at in called}
    return any(
        _another_site(_parsed(file), [at for at in called if at.file == file]) for file in files
    )


def new_model_in_loop(stack: Sequence[Position]) -> Position | None:
    """The call, if it is in a loop that makes its model anew each time, as cross-validation does.

    Args:
        stack: As `positions` gives it.
    """
    names: set[str] = set()
    within: list[ast.stmt] = []
    for at in stack:
        tree = _parsed(at.file)
        if not names:
            names = {name for call, name in _sites(tree) if call.lineno <= at.line <= _end(call)}
        loop = _loop_around(tree, at.line)
        body = within + (loop.body if loop else [])
        if loop is not None and names & _assigned(body):
            return at
        function = _scope_around(tree, at.line)
        within += getattr(function, "body", [])
    return None


def in_folds(frame: FrameType | None) -> bool:
    """Whether scikit-learn calls `fit` for one of several folds or points, in this process."""
    while frame:
        if "/sklearn/model_selection/" in frame.f_code.co_filename.replace("\\", "/"):
            return True
        frame = frame.f_back
    return False


def _parsed(file: str) -> ast.Module:
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def _end(node: ast.AST) -> int:
    return int(getattr(node, "end_lineno", 0) or 0)


def _contains(node: ast.AST, line: int) -> bool:
    return int(getattr(node, "lineno", 0)) <= line <= _end(node)


def _scope_around(tree: ast.Module, line: int) -> ast.AST:
    """The innermost function or class that contains a line; the module if there is none."""
    around = [node for node in ast.walk(tree) if _is_scope(node) and _contains(node, line)]
    return min(around, key=lambda node: _end(node) - node.lineno, default=tree)  # type: ignore[attr-defined]


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, _SCOPES)


def _loop_around(tree: ast.Module, line: int) -> ast.For | ast.While | ast.AsyncFor | None:
    """The loop that a line belongs to, within the function of that line."""
    scope = _scope_around(tree, line)
    for node in ast.walk(scope):
        in_body = isinstance(node, _LOOPS) and any(_contains(one, line) for one in node.body)
        if in_body and _scope_around(tree, node.lineno) is scope:  # type: ignore[attr-defined]
            return node  # type: ignore[return-value]
    return None


def _called_twice(tree: ast.Module, function: str) -> bool:
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == function
    ]
    return len(calls) > 1


def _sites(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """The calls that look like Keras' `fit`, each with the name of what it is called on.

    `scaler.fit(x)` and the like have one argument only; so has `model.fit(data)`. What other
    libraries made, such as `baseline = SVC()`, is not meant.
    """
    others = _of_other_libraries(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        several = len(node.args) > 1 or bool(node.keywords)
        # super().fit(...) in a model's own `fit` is a part of the call that leads there.
        inherited = isinstance(owner, ast.Call) and getattr(owner.func, "id", "") == "super"
        if _root(owner) in others:
            continue
        if node.func.attr in NAMES and not inherited and (several or "model" in name.lower()):
            yield node, name


def _of_other_libraries(tree: ast.Module) -> set[str]:
    """Names of what is imported from libraries with a `fit` of their own, and made by it alone."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [one for one in node.names if one.name.partition(".")[0] in _OTHERS]
            names |= {one.asname or one.name.partition(".")[0] for one in found}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _OTHERS:
            names |= {one.asname or one.name for one in node.names}
    made: dict[str, list[bool]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            is_theirs = isinstance(node.value, ast.Call) and _root(node.value) in names
            for target in node.targets:
                if isinstance(target, ast.Name):
                    made.setdefault(target.id, []).append(is_theirs)
    return names | {name for name, theirs in made.items() if all(theirs)}


def _root(node: ast.AST) -> str:
    """The name that an expression begins with: "svm" of `svm.SVC(C=1)`."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _another_site(tree: ast.Module, stack: Sequence[Position]) -> bool:
    lines = [at.line for at in stack]
    for call, _ in _sites(tree):
        if any(_contains(call, line) for line in lines):
            continue
        passed = any(
            _end(call) < line and _scope_around(tree, call.lineno) is _scope_around(tree, line)
            for line in lines
        )
        if not passed and not any(_excluded(tree, call.lineno, line) for line in lines):
            return True
    return False


def _excluded(tree: ast.Module, one: int, other: int) -> bool:
    """Whether two lines are in different branches of one `if`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            branches = [
                {line for line in (one, other) if any(_contains(part, line) for part in branch)}
                for branch in (node.body, node.orelse)
            ]
            if all(len(lines) == 1 for lines in branches) and branches[0] != branches[1]:
                return True
    return False


def _assigned(body: Sequence[ast.stmt]) -> set[str]:
    """Names that get a value anywhere in these statements."""
    nodes = itertools.chain.from_iterable(map(ast.walk, body))
    return {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }

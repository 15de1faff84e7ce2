"""Where in a program `fit` is called, and whether another call may follow one.

A script is stopped at its call of `fit` when that is the last one. It is the last one unless the
text says otherwise: another call further on, or a loop around this one. Two branches of one `if`
exclude each other. In doubt, another call may follow; the script then runs on.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hwsearch.network.program.program_text import (
    called_name,
    contains,
    end,
    loops_around,
    parsed,
    scope_around,
)

NAMES = {"fit", "fit_generator"}
#: What to do with a script that trains several models.
SEVERAL_MODELS = (
    "leave out models that are only compared with the network to be searched; if it needs them, "
    "such as a teacher, train all of them in a function train(model, epochs), where model is that "
    "network"
)
#: The package `hwsearch`, whose frames are not those of the user.
_OWN = Path(__file__).resolve().parents[2]
_IMPORTS = (ast.Import, ast.ImportFrom)
#: Libraries whose `fit(x, y)` trains nothing of Keras'.
_OTHERS = {"sklearn", "xgboost", "lightgbm", "catboost", "imblearn", "scipy", "statsmodels"}


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
    return [at for at, _ in placed(frame)]


def placed(frame: FrameType | None) -> list[tuple[Position, FrameType]]:
    """The same with the frames that run these lines."""
    found = []
    while frame:
        code = frame.f_code
        if _is_users(code.co_filename):
            found.append((Position(code.co_filename, frame.f_lineno, code.co_name), frame))
        if code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            break
        frame = frame.f_back
    return found


def is_of_library(frame: FrameType | None) -> bool:
    """Whether a library calls `fit` for the script, as a pipeline of scikit-learn does.

    It may give `fit` something else than the script gives the library, such as scaled rows.
    """
    while frame and _OWN in Path(frame.f_code.co_filename).resolve().parents:
        frame = frame.f_back
    return frame is not None and not _is_users(frame.f_code.co_filename)


def _is_users(file: str) -> bool:
    path = Path(file)
    libraries = {"site-packages", "dist-packages"}
    return (
        path.is_file()
        and not libraries & set(path.parts)
        and _OWN not in path.resolve().parents
        and not any(path.is_relative_to(p) for p in (sys.base_prefix + "/lib",))
    )


def more_may_follow(stack: Sequence[Position]) -> bool:
    """Whether the program may call `fit` again after the call that runs now.

    Args:
        stack: As `positions` gives it.
    """
    return is_called_twice(stack) or in_loop(stack) or another_site(stack)


def in_loop(stack: Sequence[Position]) -> bool:
    """Whether a loop repeats the call that runs now, also one around a function that makes it."""
    return any(loops_around(parsed(at.file), at.line) for at in stack)


def is_called_twice(stack: Sequence[Position]) -> bool:
    """Whether a function around the call that runs now is called in several places."""
    files = {at.file for at in stack}
    return any(at.function != "<module>" and _calls(at, files) > 1 for at in stack)


def another_site(called: Sequence[Position]) -> bool:
    """Whether there are calls of `fit` that may still follow those that were made.

    Args:
        called: The lines that ran at these calls.
    """
    return any(True for _ in _following(called))


def site_of_another(called: Sequence[Position]) -> tuple[str, int, str] | None:
    """A call of `fit` that may still follow, on something of another name: of another model?

    Args:
        called: The lines that ran at the calls that were made.

    Returns:
        Its file, its line and that name; None if there is none.
    """
    names = {
        name for at in called for call, name in sites(parsed(at.file)) if contains(call, at.line)
    }
    for file, call, name in _following(called):
        if name and name not in names:
            return file, call.lineno, name
    return None


def in_folds(frame: FrameType | None) -> bool:
    """Whether scikit-learn calls `fit` for one of several folds or points, in this process."""
    while frame:
        if "/sklearn/model_selection/" in frame.f_code.co_filename.replace("\\", "/"):
            return True
        frame = frame.f_back
    return False


def _calls(at: Position, files: Iterable[str]) -> int:
    """In how many places the function of a line is called, by its name or as a part of its module.

    A method is called on anything but a module. One that is called `fit` is told by `sites`.
    """
    is_method = at.function not in NAMES and _is_method(parsed(at.file), at)
    stem, found = Path(at.file).stem, 0
    for file in files:
        nodes = list(ast.walk(parsed(file)))
        known = [one for node in nodes if isinstance(node, _IMPORTS) for one in node.names]
        own = {one.asname or stem for one in known if one.name.rpartition(".")[2] == stem}
        names = {one.asname or at.function for one in known if one.name in (at.function, "*")}
        # super().train() is a part of the call that leads there.
        modules = [one for node in nodes if isinstance(node, ast.Import) for one in node.names]
        others = {one.asname or one.name.partition(".")[0] for one in modules} | {"super"}
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                found += node.func.id in names or (file == at.file and node.func.id == at.function)
            elif called_name(node) == at.function and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                is_part = getattr(owner, "id", getattr(owner, "attr", "")) in own
                found += is_part or (is_method and _root(owner) not in others - own)
    return found


def _is_method(tree: ast.Module, at: Position) -> bool:
    """Whether the innermost function of a line is a method."""
    scope = scope_around(tree, at.line)
    return any(isinstance(node, ast.ClassDef) and scope in node.body for node in ast.walk(tree))


def sites(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
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


def _following(called: Sequence[Position]) -> Iterator[tuple[str, ast.Call, str]]:
    """Calls of `fit` that may still follow: their file, and what `sites` gives."""
    for file in {at.file for at in called}:
        tree, lines = parsed(file), [at.line for at in called if at.file == file]
        for call, name in sites(tree):
            if any(contains(call, line) for line in lines):
                continue
            passed = any(
                end(call) < line and scope_around(tree, call.lineno) is scope_around(tree, line)
                for line in lines
            )
            if not passed and not any(_excluded(tree, call.lineno, line) for line in lines):
                yield file, call, name


def _excluded(tree: ast.Module, one: int, other: int) -> bool:
    """Whether two lines are in different branches of one `if`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            branches = [
                {line for line in (one, other) if any(contains(part, line) for part in branch)}
                for branch in (node.body, node.orelse)
            ]
            if all(len(lines) == 1 for lines in branches) and branches[0] != branches[1]:
                return True
    return False

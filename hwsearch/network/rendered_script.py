"""Rendered scripts: made to run by themselves, and run."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsearch import keras2
from hwsearch.errors import UserError
from hwsearch.template import Template

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_MESSAGE = 400
BEGIN, END = "# ---- HyperPower: ", "# ---- the template ----"


class NetworkError(UserError):
    """A script or network that cannot be used; one line that says what is wrong with it."""

    user_message = True


def standalone(text: str, *, home: Path, seed: int, title: str) -> str:
    """A rendered template as a script of its own, which builds the same network each time.

    Lines are put in front of the template's own (behind its docstring and `__future__` imports):
    they fix the seed, and let the script find what lies beside the template, by import,
    `__file__` or relative path, though it lies elsewhere itself.

    Args:
        text: Valid Python.
        home: The template's path.
        seed: Of Python's, NumPy's and the backend's random numbers.
        title: What this is, for a reader's eyes.
    """
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    at = _first_free_line(text, lines)
    before, after = "".join(lines[:at]), "".join(lines[at:])
    if before and not before.endswith(("\n", "\r")):
        before += "\n"
    return before + _preamble(home, seed, title, keras2.may_need(text)) + after


def _preamble(home: Path, seed: int, title: str, needs_keras2: bool) -> str:
    old = (
        f"_sys.path.append({str(REPOSITORY)!a})\n"
        "from hwsearch import keras2 as _keras2  # lr=, decay= and the like\n"
        "_keras2.install()\n"
    )
    # ASCII only: the script keeps the template's encoding, whatever it is.
    return (
        f"{BEGIN}{ascii(title)[1:-1]} ----\n"
        "import os as _os, sys as _sys\n"
        f"__file__ = {str(home)!a}\n"
        "if _os.path.isdir(_os.path.dirname(__file__)):\n"
        "    _sys.path.insert(0, _os.path.dirname(__file__))\n"
        "    _os.chdir(_os.path.dirname(__file__))\n"
        "import keras as _keras\n"
        f"_keras.utils.set_random_seed({seed})\n"
        f"{old if needs_keras2 else ''}"
        f"{END}\n"
    )


def _first_free_line(text: str, lines: list[str]) -> int:
    """Number of lines that must stay in front: docstring, `__future__`, shebang and encoding."""
    last = 0
    for number, statement in enumerate(ast.parse(text).body):
        is_docstring = (
            number == 0
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (is_docstring or is_future):
            break
        last = statement.end_lineno or last
    if last:
        return last
    return next((n for n, line in enumerate(lines[:2]) if not line.startswith("#")), 2)


def rendered_line(path: Path, line: int) -> int:
    """The line of the rendered template, for one of the script that `standalone` made of it."""
    lines = path.read_bytes().splitlines()
    marks = [n for n, text in enumerate(lines) if text.startswith((BEGIN.encode(), END.encode()))]
    if len(marks) < 2 or line <= marks[0]:
        return line
    return line - (marks[1] + 1 - marks[0])


def run(path: Path) -> dict[str, Any]:
    """Runs a script as `python path` would, in this process; its output is kept.

    Returns:
        The names it leaves.

    Raises:
        NetworkError: It raises, or stops; with the script's line.
    """
    keras2.install()
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    with _as_main(module):
        try:
            # Its own encoding cookie counts: compile() reads bytes.
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - the user's own script
        except SystemExit as error:
            raise NetworkError(f"{place(error, path)}: the script stopped: exit {error}") from error
        except Exception as error:
            raise NetworkError(f"{place(error, path)}: {explained(error)}") from error
    return vars(module)


@contextlib.contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    folder, main, arguments = Path.cwd(), sys.modules["__main__"], sys.argv
    sys.modules["__main__"] = module
    sys.argv = [str(module.__file__)]
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv = main, arguments
        _reopen_output()
        os.chdir(folder)


def _reopen_output() -> None:
    """A script may close what it prints to; what comes after it is to be seen all the same."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(getattr(sys, name), "closed", False):
            with contextlib.suppress(OSError):
                stream = os.fdopen(
                    number, "w", 1, "utf-8", errors="backslashreplace", closefd=False
                )
                setattr(sys, name, stream)


def place(error: BaseException, path: Path) -> str:
    """The innermost line of the script in the error's traceback: "00000007_keras_net.py:12"."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    step = error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == str(path):
            line = step.tb_lineno
        step = step.tb_next
    return f"{path.name}:{line}" if line else path.name


def explained(error: BaseException) -> str:
    """An exception on one line, with what to do about it where that is known."""
    download = _download(error)
    if download:
        return download
    text = " ".join(_told(str(error)).split())
    if len(text) > LONGEST_MESSAGE:
        text = text[: LONGEST_MESSAGE - 4] + " ..."
    text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    remedy = keras2.remedy(str(error))
    return f"{text}; {remedy}" if remedy else text


def _told(message: str) -> str:
    """A message without what is not for people: colours, and what libraries add to their own.

    TensorFlow puts the program's whole stack in front of the cause, Keras the arguments behind.
    """
    message = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", message)
    message = re.sub(r"\n\s*Arguments received by [\s\S]*", "", message)
    if message.startswith("Graph execution error"):
        message = re.sub(
            r"(?m)^\s*(File \".*|Detected at node .*|Stack trace for op .*)$", "", message
        )
        message = re.sub(r"\s*\[\[\{\{node [\s\S]*", "", message)
    return "".join(sign if sign.isprintable() else " " for sign in message)


def _download(error: BaseException) -> str:
    """The line for a file that `keras.utils.get_file` could not get; "" for other errors.

    Where the file belongs is known only to the variables of that function.
    """
    step = error.__traceback__
    while step:
        names = step.tb_frame.f_locals
        if step.tb_frame.f_code.co_name == "get_file" and {"download_target", "origin"} <= set(
            names
        ):
            origin, target = names["origin"], names["download_target"]
            cause = re.sub(r"^URL fetch failure on \S+: (None -- )?", "", str(error))
            cause = re.sub(r"^<?urlopen error |>$", "", " ".join(cause.split()))
            return (
                f"{origin.rpartition('/')[2]} could not be fetched from {origin} "
                f"({cause or type(error).__name__}); get that file and put it at {target}"
            )
        step = step.tb_next
    return ""


def in_template(error: UserError, path: Path, template: Template) -> str:
    """An error's text with the user's template and its line in place of the rendered script's."""

    def place(match: re.Match[str]) -> str:
        line = match[1]
        number = template.template_line(rendered_line(path, int(line))) if line else None
        return f"keras_model/network_def.py{f':{number}' if number else ''}:"

    return re.sub(rf"^{re.escape(path.name)}(?::(\d+))?:", place, str(error))

"""Rendered scripts: a template with its values in place, written so that it runs on its own."""

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
from hwsearch.atomic_files import write_atomic
from hwsearch.errors import UserError
from hwsearch.network.errors import NetworkError, ScriptStoppedError, explained, script_line
from hwsearch.network.program import endings
from hwsearch.template import Template

REPOSITORY = Path(__file__).resolve().parents[3]
#: A script that has defined all names of one of these may end itself: it has done its work.
_COMPLETE = ({"model", "x_train"}, {"model", "train"})
BEGIN, END = "# ---- HyperPower: ", "# ---- the template ----"


def standalone(text: str, *, home: Path, seed: int, title: str) -> str:
    """Makes a rendered template a script that runs on its own and always builds the same network.

    Lines are inserted before those of the template (after its docstring and `__future__` imports).
    They fix the seed. They also let the script find the files in the template's folder by import,
    `__file__` or relative path, although the script itself is in another folder.

    Args:
        text: Valid Python.
        home: The template's path.
        seed: Seed of the random numbers of Python, NumPy and the backend.
        title: A title for readers of the script.
    """
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    at = _first_free_line(text, lines)
    before, after = "".join(lines[:at]), "".join(lines[at:])
    if before and not before.endswith(("\n", "\r")):
        before += "\n"
    return before + _preamble(home, seed, title, keras2.may_need(text)) + after


@contextlib.contextmanager
def trial(
    template: Template, text: str, path: Path, *, home: Path, seed: int, title: str
) -> Iterator[None]:
    """Writes the script of a network without a job; errors inside name the template's lines.

    Args:
        template: The template.
        text: The template, rendered.
        path: Where the script goes.
        home: As for `standalone`.
        seed: As for `standalone`.
        title: As for `standalone`.

    Raises:
        UserError: What is raised inside, or it cannot be written.
    """
    script = standalone(text, home=home, seed=seed, title=title)
    try:
        write_atomic(path, script.encode(template.encoding))
        yield
    except UserError as error:
        raise UserError(in_template(error, path, template)) from error


def without_preamble(script: str) -> str:
    """The rendered template alone, from a script that `standalone` made."""
    before, begin, rest = script.partition(BEGIN)
    return before + rest.partition(END)[2] if begin else script


def keras2_lines() -> str:
    """Lines that make spellings of Keras 2 work; they need `sys` as `_sys`."""
    return (
        f"_sys.path.append({str(REPOSITORY)!a})\n"
        "from hwsearch import keras2 as _keras2  # lr=, decay= and the like\n"
        "_keras2.install()\n"
    )


def _preamble(home: Path, seed: int, title: str, needs_keras2: bool) -> str:
    # ASCII only, so that it fits every encoding that a template may have.
    return (
        f"{BEGIN}{ascii(title)[1:-1]} ----\n"
        "import os as _os, sys as _sys\n"
        f"__file__ = {str(home)!a}\n"
        "if _os.path.isdir(_os.path.dirname(__file__)):\n"
        "    _sys.path.insert(0, _os.path.dirname(__file__))\n"
        "    _os.chdir(_os.path.dirname(__file__))\n"
        "import keras as _keras\n"
        f"_keras.utils.set_random_seed({seed})\n"
        f"{keras2_lines() if needs_keras2 else ''}"
        f"{END}\n"
    )


def _first_free_line(text: str, lines: list[str]) -> int:
    """Number of lines that must stay first: docstring, `__future__`, shebang and encoding."""
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


def reseeded(script: bytes, seed: int) -> bytes:
    """A script that `standalone` made, with another seed.

    Raises:
        NetworkError: It has no seed.
    """
    own, mark, template = script.partition(END.encode())
    pattern = rb"^_keras\.utils\.set_random_seed\(\d+\)$"
    line = b"_keras.utils.set_random_seed(%d)" % seed
    changed, count = re.subn(pattern, line, own, count=1, flags=re.MULTILINE)
    if not (mark and count):
        raise NetworkError("the script does not set its seed; expected one of a run")
    return changed + mark + template


def rendered_line(path: Path, line: int) -> int:
    """The line of the rendered template, given a line of the script that `standalone` made."""
    lines = path.read_bytes().splitlines()
    marks = [n for n, text in enumerate(lines) if text.startswith((BEGIN.encode(), END.encode()))]
    if len(marks) < 2 or line <= marks[0]:
        return line
    return line - (marks[1] + 1 - marks[0])


def run(path: Path, module: types.ModuleType | None = None) -> dict[str, Any]:
    """Runs a script as `python path` would, but in this process.

    Args:
        path: The script.
        module: The module that it becomes; None = a new one.

    Returns:
        The names that it defines; those until then if it was stopped at a call of `fit`.

    Raises:
        NetworkError: It raises an exception or exits; the text names the script's line.
    """
    keras2.install()
    module = main_module(path) if module is None else module
    with as_main(module), endings.no_input():
        try:
            # As bytes, so that compile() obeys the script's encoding cookie.
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - the user's own script
        except ScriptStoppedError:
            pass
        except SystemExit as error:
            complete = any(names <= vars(module).keys() for names in _COMPLETE)
            if not (endings.is_regular(error) and complete):
                text = endings.exit_text(error, path.read_text(encoding="utf-8", errors="replace"))
                raise NetworkError(f"{place(error, path)}: {text}") from error
        except Exception as error:
            remedy = endings.argument_remedy(error, path)
            text = explained(error) + (f"; {remedy}" if remedy else "")
            raise NetworkError(f"{place(error, path)}: {text}") from error
    return vars(module)


def main_module(path: Path) -> types.ModuleType:
    """An empty module that a script can become when it runs."""
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    return module


def forget_modules(module: types.ModuleType) -> None:
    """Lets a script that is run again import the modules beside it anew.

    It may have changed what they hold, as in `data.x_train /= 255`, and they may draw numbers.

    Args:
        module: The module that the script has become.
    """
    home = Path(str(module.__file__)).parent
    if any(Path(one).is_relative_to(home) for one in (REPOSITORY, sys.prefix, sys.base_prefix)):
        return
    for name, one in list(sys.modules.items()):
        file = getattr(one, "__dict__", {}).get("__file__")
        if isinstance(file, str) and Path(file).is_relative_to(home):
            del sys.modules[name]


@contextlib.contextmanager
def as_main(module: types.ModuleType) -> Iterator[None]:
    """Makes a module the program that runs, with its arguments; restores what it changes."""
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
    """Opens standard output and error again if the script has closed them."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(getattr(sys, name), "closed", False):
            with contextlib.suppress(OSError):
                stream = os.fdopen(
                    number, "w", 1, "utf-8", errors="backslashreplace", closefd=False
                )
                setattr(sys, name, stream)


def place(error: BaseException, path: Path) -> str:
    """The script's innermost line in the error's traceback: "00000007_keras_net.py:12"."""
    line = script_line(error, path)
    return f"{path.name}:{line}" if line else path.name


def in_template(error: UserError | str, path: Path, template: Template) -> str:
    """The text of an error or a note, with the user's template and its line for the script's.

    Args:
        error: Its text begins with the script's name and perhaps a line, as `place` gives them;
            other lines in it have this form too.
        path: The rendered script.
        template: The template that it was rendered from.
    """

    def replacement(match: re.Match[str]) -> str:
        line = match[1]
        number = template.template_line(rendered_line(path, int(line))) if line else None
        return f"keras_model/network_def.py{f':{number}' if number else ''}"

    name = re.escape(path.name)
    text = re.sub(rf"^{name}(?::(\d+))?(?=:)", replacement, str(error))
    return re.sub(rf"(?<![\w./\\]){name}:(\d+)", replacement, text)

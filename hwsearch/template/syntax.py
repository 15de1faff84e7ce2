"""Whether a template is valid Python once its slots are filled."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence

from hwsearch.template.options import Option
from hwsearch.template.python_source import Source
from hwsearch.template.slots import WORD, Slot, fill

#: Stands in a slot for any expression. The space separates it from a word that follows.
NAME = "_hyperparam_ "


def syntax_fault(text: str, slots: Sequence[Slot]) -> tuple[int, str] | None:
    """The line of a filled script that is not Python, and what is wrong with it.

    First each slot is filled with a name, because a slot must be a whole expression:
    `1.HYPERPARAM{...}` is not, although `1.3` is Python. Then the slots are filled with values:
    those at the bounds, and options of each kind.
    """
    for literals in _fillings(slots):
        script = Source(fill(text, slots, literals))
        problem = _problem(script)
        if problem:
            message, line = problem
            fault = f"got invalid Python after the values are filled in: {message}"
            command = script.line_text(line).strip()
            if command.startswith(("%", "!", "?")):
                fault = _of_notebook(script, line, command)
            elif WORD in script.line_text(line):
                fault += f"; {WORD} is not replaced inside strings: expected it outside"
            return line, fault
    return None


def _of_notebook(script: Source, line: int, command: str) -> str:
    """What to do about a command of a notebook, and about the others that follow it."""
    fault = f"got {command!r}, a command of notebooks; expected Python: remove the line"
    lines = script.text.splitlines()
    others = [
        f"line {number}"  # which the template turns into its own lines
        for number, text in enumerate(lines, 1)
        if number > line and re.match(r"\s*(!|%%?[A-Za-z])", text)
    ]
    return f"{fault}; also {', '.join(others)}" if others else fault


def _fillings(slots: Sequence[Slot]) -> Iterator[list[str]]:
    """Literals for all slots, several times."""
    yield [NAME] * len(slots)
    samples: list[list[Option]] = []
    for slot in slots:
        values: Sequence[Option] = slot.hyperparameter.samples() if slot.hyperparameter else (0,)
        samples.append(list({_kind(value): value for value in values}.values()))
    for turn in range(max(map(len, samples), default=0)):
        yield [
            slot.literal(each[min(turn, len(each) - 1)])
            for slot, each in zip(slots, samples, strict=True)
        ]


def _kind(value: Option) -> tuple[type, bool]:
    """What matters for Python's grammar: the type, and whether there is a sign."""
    return type(value), isinstance(value, int | float) and ascii(value).startswith("-")


def _problem(script: Source) -> tuple[str, int] | None:
    """Why a script cannot be compiled, and its line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(script.text, "<template>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg or "invalid syntax", error.lineno or 1
    except UnicodeEncodeError as error:
        return "a lone surrogate", script.line(error.start)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return str(error) or type(error).__name__, 1
    return None

"""Python 2 in a script: all of it at once, with Python 3's spelling.

Python's compiler stops at the first statement of Python 2. Here such a statement is replaced by a
harmless one, and the rest is compiled again, until nothing is left. What parses but fails when it
runs (`xrange`, `import cPickle`, a number of units that a division makes real) is found in the
syntax tree, if the script is certain to reach it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable

from hwsearch.template import python2_names

#: No script has more statements of Python 2 than this many; it ends the loop in any case.
_MOST = 2_000
# One statement up to its end: strings and brackets are skipped.
_TOKEN = re.compile(
    r"""\"{3}(?:\\.|.)*?\"{3} | '{3}(?:\\.|.)*?'{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
      | \\\r?\n | [\[({] | [\])}] | [;\n\#] | .""",
    re.VERBOSE | re.DOTALL,
)
_PRINT = re.compile(r"(?<![\w.\"'])print\b[ \t]*(?=[^\s(=.,)]|\()")
_EXEC = re.compile(r"(?<![\w.\"'])exec\b[ \t]*(?=[^\s(=.,)])")
_EXCEPT = re.compile(r"(?<!\w)except[ \t]+(\([^)]*\)|[\w.]+)[ \t]*,[ \t]*(\w+)[ \t]*:")
_RAISE = re.compile(r"(?<!\w)raise[ \t]+([\w.]+)[ \t]*,[ \t]*")
_SIMPLE = (
    (re.compile(r"<>"), "!=", "<>"),
    (re.compile(r"`([^`\n]+)`"), r"repr(\1)", "backquotes"),
    (re.compile(r"(?<![\w.])0([0-7]+)\b(?![.\w])"), r"0o\1", "an octal number"),
    (re.compile(r"(?<![\w.])(\d+|0[xX][\da-fA-F]+)[lL]\b"), r"\1", "a long number"),
    (re.compile(r"(?<!\w)[uU][rR](?=[\"'])"), "r", "a ur string"),
)


def faults(text: str, folder: str = "") -> list[tuple[int, str]]:
    """Everything in a script that only Python 2 can run.

    Args:
        text: The script, with names in place of hyper-parameters.
        folder: Modules there can be imported.

    Returns:
        Pairs of line number and fault. If there are such faults and the script also has another
        mistake, it is added. [] = Python 3 can run it as far as can be seen, or what is wrong has
        nothing to do with Python 2.
    """
    found: list[tuple[int, str]] = []
    for _ in range(_MOST):
        error = _compiler_fault(text)
        if error is None:
            break
        line = error.lineno or 1
        repaired = _repair(text, line, error)
        if repaired is None:
            if found:
                found.append((line, f"got invalid Python: {error.msg}"))
            return found
        text, fault = repaired
        found.append((line, fault))
    else:
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes, say
        tree = ast.parse(text)
    return sorted({*found, *python2_names.faults(tree, folder, certain=bool(found))})


def remedy(message: str) -> str:
    """What to write in Python 3, given the message of an exception; "" if that is not the cause."""
    return python2_names.remedy(message)


def _compiler_fault(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<template>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return SyntaxError("cannot be compiled", ("", 1, 1, ""))
    return None


def _repair(text: str, number: int, error: SyntaxError) -> tuple[str, str] | None:
    """The script with the Python 2 of a line replaced, and what was there; None = there is none."""
    if isinstance(error, TabError):
        fault = "got tabs mixed with spaces, as Python 2 allowed; expected only spaces"
        return "".join(_expanded(line) for line in text.splitlines(keepends=True)), fault
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]
    if number > len(starts):
        return None
    start = starts[number - 1]
    end = starts[number] if number < len(starts) else len(text)
    for pattern, build in _STATEMENTS:
        found = pattern.search(text, start, end)
        if found:
            return build(text, found)
    line = text[start:end]
    for pattern, new, what in _SIMPLE:
        old = pattern.search(line)
        if old:
            fixed = pattern.sub(new, line)
            fault = f"got {what} of Python 2, {old[0]}; expected {old.expand(new)}"
            return text[:start] + fixed + text[end:], fault
    return None


def _expanded(line: str) -> str:
    blanks = re.match(r"[ \t]*", line)
    width = blanks.end() if blanks else 0
    return line[:width].expandtabs(8) + line[width:]


def _statement_end(text: str, start: int) -> int:
    """Where the statement that begins at a position ends."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        word = token[0]
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth -= 1
        elif depth <= 0 and word in (";", "\n", "#"):
            return token.start()
    return len(text)


def _replaced(text: str, start: int, end: int) -> str:
    """The text with a statement replaced by one that does nothing, on as many lines."""
    return text[:start] + "pass" + "\\\n" * text.count("\n", start, end) + text[end:]


def _print(text: str, found: re.Match[str]) -> tuple[str, str]:
    end = _statement_end(text, found.start())
    words = text[found.end() : end].strip()
    stream = re.match(r">>\s*([\w.]+)\s*,?\s*", words)
    last = ""
    if stream:
        words, last = words[stream.end() :], f", file={stream[1]}"
    if words.endswith(","):
        words, last = words[:-1].rstrip(), f', end=" "{last}'
    return _replaced(text, found.start(), end), _fault("a print statement", f"print({words}{last})")


def _exec(text: str, found: re.Match[str]) -> tuple[str, str]:
    end = _statement_end(text, found.start())
    code, _, place = text[found.end() : end].strip().partition(" in ")
    new = f"exec({code.strip()}{', ' if place else ''}{place.strip()})"
    return _replaced(text, found.start(), end), _fault("an exec statement", new)


def _except(text: str, found: re.Match[str]) -> tuple[str, str]:
    new = f"except {found[1]} as {found[2]}:"
    return text[: found.start()] + new + text[found.end() :], _fault("an except clause", new)


def _raise(text: str, found: re.Match[str]) -> tuple[str, str]:
    end = _statement_end(text, found.start())
    new = f"raise {found[1]}({text[found.end() : end].strip()})"
    return _replaced(text, found.start(), end), _fault("a raise statement", new)


def _fault(what: str, new: str) -> str:
    expected = new if "\n" not in new and "_hyperparam_" not in new else "a call with parentheses"
    return f"got {what} of Python 2; expected Python 3, such as: {expected}"


_STATEMENTS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], tuple[str, str]]], ...] = (
    (_PRINT, _print),
    (_EXEC, _exec),
    (_EXCEPT, _except),
    (_RAISE, _raise),
)

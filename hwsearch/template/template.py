"""A template: a Keras script in which HYPERPARAM{...} stands where a value belongs.

    lr = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}

The word counts where Python would read a name: in comments and strings (f-strings with all they
hold included) it is left alone. Values are written as Python literals that read back exactly; a
number is put in parentheses only where what follows would bind tighter than its sign or change the
numeral (`HYPERPARAM{...} ** 2`, `.real`). Everything else stays byte for byte.
"""

from __future__ import annotations

import io
import os
import re
import tokenize
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError
from hwsearch.template.hyperparameter import Hyperparameter, Option, check, is_text, shown
from hwsearch.template.python_source import Source, read_object

WORD = "HYPERPARAM"
FORMAT = 1
_NAME = "_hyperparam_ "


class TemplateError(UserError):
    """Everything that is wrong with a template, or with the values for it.

    Attributes:
        faults: One line each, "path:line: token 'x': min: got 5; expected ...".
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes: the text from `start` to `end`; in parentheses if what follows asks."""

    start: int
    end: int
    tight: bool

    def literal(self, value: Option) -> str:
        """The value in Python: ASCII, so that it fits every encoding of a source."""
        text = ascii(value)
        return f"({text})" if self.tight and not isinstance(value, str | bool) else text


class Template:
    """A valid template; made by `parse`, `from_file` or `from_json`.

    Attributes:
        path: Where it came from, for messages.
        text: The script as written.
        encoding: Of its file ("utf-8", "utf-8-sig" with a BOM, or what its cookie names).
        hyperparameters: In the order of the script.
        lines: The line of each, from 1.
    """

    def __init__(self, text: str, path: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Raises TemplateError with all faults."""
        self.path = os.fspath(path)
        self.text = text
        self.encoding = encoding
        self._source = Source(text)
        self._slots, found, faults = self._scan()
        if not faults and not found:
            faults.append((1, f"got no hyper-parameter; expected at least one {WORD}{{...}}"))
        self.hyperparameters = tuple(entry for entry in found if entry)
        self.lines = tuple(self._source.line(slot.start) for slot in self._slots)
        if len(self._slots) == len(found) and found:
            faults.extend(self._syntax_faults([e.samples() if e else (0,) for e in found]))
        if faults:
            faults.sort(key=lambda fault: fault[0])
            raise TemplateError([f"{self.path}:{line}: {text}" for line, text in faults])

    @classmethod
    def parse(cls, text: str, path: str | os.PathLike[str] = "network_def.py") -> Template:
        """Reads a template's text.

        Raises:
            TemplateError: With all faults.
        """
        return cls(text, path)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Template:
        """Reads a template in the encoding that its BOM or cookie names, else UTF-8.

        Raises:
            TemplateError: With all faults; or it cannot be read.
        """
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"{os.fspath(path)}: {reason}; expected a Keras script with {WORD}{{...}}"
            raise TemplateError([message]) from None
        return cls.from_bytes(raw, path)

    @classmethod
    def from_bytes(cls, raw: bytes, path: str | os.PathLike[str] = "network_def.py") -> Template:
        """Reads a template file's bytes; as `from_file`."""
        encoding = "utf-8"
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
            text = raw.decode(encoding)
            if text.encode(encoding) != raw:
                raise ValueError("its bytes would not come back the same")
        except (SyntaxError, UnicodeError, LookupError, ValueError) as error:
            line = 1
            if isinstance(error, UnicodeDecodeError):
                line += raw.count(b"\n", 0, error.start)
            cause = str(error).splitlines()[0] if str(error) else type(error).__name__
            fault = f"got text that is not {encoding}: {cause}; expected UTF-8 or a right cookie"
            raise TemplateError([f"{os.fspath(path)}:{line}: {fault}"]) from None
        return cls(text, path, encoding)

    def variables(self) -> dict[str, dict[str, Any]]:
        """The "variables" of config.json, in the order of the script."""
        return {entry.token: entry.variable() for entry in self.hyperparameters}

    def values(self, params: Mapping[str, Any]) -> dict[str, Option]:
        """What the script gets, by token.

        Args:
            params: By token: a job's `{"type", "values": [v]}`, an array or list of one, or v.

        Raises:
            TemplateError: Values are missing, superfluous or out of bounds; all are named.
        """
        faults = []
        values: dict[str, Option] = {}
        for entry in self.hyperparameters:
            try:
                if entry.token not in params:
                    raise ValueError("got no value; expected one")
                values[entry.token] = entry.value(params[entry.token])
            except ValueError as error:
                faults.append(f"{self.path}: token {entry.token!r}: {error}")
        known = {entry.token for entry in self.hyperparameters}
        faults += [
            f"{self.path}: got a value for {name!r}, which is no token of the template"
            for name in params
            if name not in known
        ]
        if faults:
            raise TemplateError(faults)
        return values

    def render(self, params: Mapping[str, Any]) -> str:
        """The script with these values in place (`values` says in which forms)."""
        return self._filled(list(self.values(params).values()))

    def python(self) -> str:
        """The script with a name in every slot: Python to be looked at, not to be run."""
        return self._filled([0] * len(self._slots), names=True)

    def render_bytes(self, params: Mapping[str, Any]) -> bytes:
        """The script with these values, in the template's own encoding."""
        return self.render(params).encode(self.encoding)

    def to_json(self) -> dict[str, Any]:
        """For tmp/template.json: the text, and what was read from it for people and programs."""
        return {
            "format": FORMAT,
            "path": self.path,
            "encoding": self.encoding,
            "text": self.text,
            "hyperparameters": [
                {"token": entry.token, "line": line}
                | entry.variable()
                | ({"transform": entry.transform.text} if entry.transform else {})
                for entry, line in zip(self.hyperparameters, self.lines, strict=True)
            ],
        }

    @classmethod
    def from_json(cls, document: Any) -> Template:
        """Reads what `to_json` gave; the text counts.

        Raises:
            TemplateError: It is no such document, or its text is no valid template.
        """
        keys = ("text", "path", "encoding")
        fields = [document.get(key) if isinstance(document, Mapping) else None for key in keys]
        strings = [field for field in fields if isinstance(field, str)]
        if len(strings) < len(keys):
            raise TemplateError([f"template.json: expected strings under {', '.join(keys)}"])
        return cls(*strings)

    def _scan(self) -> tuple[list[Slot], list[Hyperparameter | None], list[tuple[int, str]]]:
        """The slots, what stands in them (None: faulty), and the faults with their lines.

        A token whose object cannot be read has no slot.
        """
        source, faults = self._source, list[tuple[int, str]]()
        slots: list[Slot] = []
        found: list[Hyperparameter | None] = []
        lines: dict[str, int] = {}
        start = source.find(WORD)
        while start >= 0:
            line = source.line(start)
            opening = source.skip_blanks(start + len(WORD))
            end = start + len(WORD)
            entry = None
            if not self.text.startswith("{", opening):
                got = shown(self.text[end : end + 20].partition("\n")[0].strip())
                faults.append((line, f"{WORD}: got {got} after it; expected a JSON object {{...}}"))
            else:
                fields, end, wrong = read_object(source, opening)
                faults.extend((at, f"{WORD}: {text}") for at, text in wrong)
                if fields is not None:
                    token = fields.get("token")
                    where = f"token {_named(token)}: "
                    entry, problems = check(fields)
                    if isinstance(token, str) and token in lines:
                        used = f"is used on line {lines[token]} already"
                        problems.append(f"{used}; expected a name of its own for each {WORD}")
                    elif isinstance(token, str):
                        lines[token] = line
                    faults.extend((line, where + problem) for problem in problems)
                    slots.append(Slot(start, end, source.binds_tighter(end)))
            found.append(entry)
            start = source.find(WORD, end)
        return slots, found, faults

    def _filled(self, values: Sequence[Option], names: bool = False) -> str:
        pieces, position = [], 0
        for slot, value in zip(self._slots, values, strict=True):
            pieces += [
                self.text[position : slot.start],
                _NAME if names else slot.literal(value),
            ]
            position = slot.end
        return "".join([*pieces, self.text[position:]])

    def _syntax_faults(self, samples: Sequence[Sequence[Option]]) -> list[tuple[int, str]]:
        """The fault of the first rendering that is not Python.

        First with a name in each slot: a slot must be a whole expression (`1.HYPERPARAM{...}` is
        none, though 1.3 is). Then with values: those at the bounds, and options of every kind.
        """
        kinds = [list({_kind(value): value for value in each}.values()) for each in samples]
        for turn in range(-1, max(map(len, kinds))):
            values = [each[min(max(turn, 0), len(each) - 1)] for each in kinds]
            script = self._filled(values, names=turn < 0)
            problem = _syntax_problem(script)
            if problem:
                message, line = problem
                text = f"got no valid Python once values are in place: {message}"
                if WORD in _line(script, line):
                    text += f"; a {WORD} in a string stays as it is: expected it outside"
                return [(self.template_line(line), text)]
        return []

    def template_line(self, line: int) -> int:
        """The template's line for a rendered script's: an object may take several, a value one."""
        for slot in self._slots:
            first = self._source.line(slot.start)
            if first >= line:
                break
            line += self._source.line(slot.end) - first
        return min(line, self._source.lines)


def _syntax_problem(script: str) -> tuple[str, int] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(script, "<template>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg or "invalid syntax", error.lineno or 1
    except UnicodeEncodeError as error:
        return "half of a surrogate pair", Source(script).line(error.start)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return str(error) or type(error).__name__, 1
    return None


def _line(text: str, number: int) -> str:
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[number - 1] if number <= len(lines) else ""


def _kind(value: Option) -> tuple[type, bool]:
    """Values of one kind are alike to Python's grammar; a sign makes another."""
    return type(value), not isinstance(value, str) and ascii(value).startswith("-")


def _named(token: Any) -> str:
    if isinstance(token, str) and is_text(token):
        return repr(token) if len(token) <= 60 else shown(token)
    return "without a name" if token is None else shown(token)

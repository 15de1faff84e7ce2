"""A template: a Keras script in which HYPERPARAM{...} marks the place of a value.

    lr = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}

The word counts wherever Python would read a name; in comments and strings (including all of an
f-string) it is not replaced. Values are written as Python literals that read back exactly. A number
is put in parentheses only if what follows would bind tighter than its sign or change its digits
(`HYPERPARAM{...} ** 2`, `.real`). Everything else stays byte for byte.
"""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsearch import keras2
from hwsearch.errors import UserError, did_you_mean
from hwsearch.printing import one_line
from hwsearch.template import python2
from hwsearch.template.conditions import active, as_variable
from hwsearch.template.options import Option, reads_as_number
from hwsearch.template.python_source import Source
from hwsearch.template.quoting import quoted_name
from hwsearch.template.slots import WORD, fill, scan
from hwsearch.template.syntax import NAME, syntax_fault

FORMAT = 1
EXAMPLE = f'{WORD}{{"type": "INT", "token": "units", "min": 16, "max": 512}}'


class TemplateError(UserError):
    """Everything that is wrong with a template, or with the values for it.

    Attributes:
        faults: One line each, "path:line: hyper-parameter 'x': min: got 5; expected ...".
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


class Template:
    """A valid template; made by `parse`, `from_file`, `from_bytes` or `from_json`.

    Attributes:
        path: Where it came from.
        text: The script as written.
        encoding: The encoding of its file ("utf-8", "utf-8-sig" if it has a byte order mark, or the
            one that its coding comment names).
        hyperparameters: In the order of the script.
        lines: The line of each hyper-parameter, counted from 1.
    """

    def __init__(self, text: str, path: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        """Raises TemplateError with all faults."""
        self.path = os.fspath(path)
        self.text = text
        self.encoding = encoding
        self._source = Source(text)
        found = scan(self._source)
        self._slots, faults = found.slots, found.faults
        if found.complete and not self._slots:
            faults.append((1, f"got no {WORD}; expected at least one, such as {EXAMPLE}"))
        elif found.complete:
            problems = python2.faults(self.python(), os.path.dirname(self.path))  # noqa: PTH120
            if not problems:
                problem = syntax_fault(text, self._slots)
                problems = [problem] if problem else keras2.removed_spellings(self.python())
            faults += [(self.template_line(line), self._lines(text)) for line, text in problems]
        if faults:
            faults.sort(key=lambda fault: fault[0])
            raise TemplateError([f"{self.place}:{line}: {fault}" for line, fault in faults])
        self.hyperparameters = tuple(
            slot.hyperparameter for slot in self._slots if slot.hyperparameter
        )
        self.lines = tuple(slot.line for slot in self._slots)

    @property
    def place(self) -> str:
        """The path, for messages."""
        return one_line(self.path)

    @classmethod
    def parse(cls, text: str, path: str | os.PathLike[str] = "network_def.py") -> Template:
        """Reads a template's text.

        Raises:
            TemplateError: It has faults; all are named.
        """
        return cls(text, path)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Template:
        """Reads a file in the encoding that its byte order mark or coding comment names, or UTF-8.

        Raises:
            TemplateError: The file cannot be read, or the template has faults; all are named.
        """
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            message = (
                f"{one_line(os.fspath(path))}: {reason}; expected a Keras script with {WORD}{{...}}"
            )
            raise TemplateError([message]) from None
        return cls.from_bytes(raw, path)

    @classmethod
    def from_bytes(cls, raw: bytes, path: str | os.PathLike[str] = "network_def.py") -> Template:
        """Reads the bytes of a template file, as `from_file` does.

        Raises:
            TemplateError: All faults of the template; one line each.
        """
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
            fault = (
                f"got bytes that are not {encoding}: {cause}; expected UTF-8, or the encoding "
                "that a coding comment in the first two lines names"
            )
            raise TemplateError([f"{one_line(os.fspath(path))}:{line}: {fault}"]) from None
        return cls(text, path, encoding)

    def variables(self) -> dict[str, dict[str, Any]]:
        """The "variables" of config.json, in the order of the script."""
        known = {entry.token: entry for entry in self.hyperparameters}
        return {
            token: entry.variable() | ({"when": as_variable(entry, known)} if entry.when else {})
            for token, entry in known.items()
        }

    def notes(self) -> list[tuple[int, str]]:
        """What is valid but probably not meant, with lines."""
        found = []
        for entry, line in zip(self.hyperparameters, self.lines, strict=True):
            if entry.options and all(map(reads_as_number, entry.options)):
                first = entry.options[0]
                found.append(
                    (
                        line,
                        f"hyper-parameter {quoted_name(entry.token)}: options: the script gets "
                        f"strings such as {first!r}; write {first} for a number",
                    )
                )
        return found

    def values(self, params: Mapping[str, Any]) -> dict[str, Option]:
        """The script's values for the optimiser's.

        Args:
            params: By token: a value, a list or array of one value, or the form of job documents,
                `{"type": ..., "values": [...]}`.

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
                faults.append(f"{quoted_name(entry.token)}: {error}")
        tokens = [entry.token for entry in self.hyperparameters]
        faults += [
            f"{quoted_name(name)}: got a value; the template has no such hyper-parameter"
            f"{did_you_mean(name, tokens)}"
            for name in params
            if name not in tokens
        ]
        if faults:
            raise TemplateError([f"{self.place}: hyper-parameter {fault}" for fault in faults])
        return values

    def active_values(self, params: Mapping[str, Any]) -> dict[str, Option]:
        """The script's values of the hyper-parameters that matter, as `values` gives them."""
        values = self.values(params)
        matter = active(self.hyperparameters, values)
        return {token: value for token, value in values.items() if token in matter}

    def render(self, params: Mapping[str, Any]) -> str:
        """The script with these values, which may have the forms that `values` accepts."""
        values = self.values(params).values()
        literals = [slot.literal(value) for slot, value in zip(self._slots, values, strict=True)]
        return fill(self.text, self._slots, literals)

    def python(self) -> str:
        """The script with a name in every slot: Python to be analysed, not to be run."""
        return fill(self.text, self._slots, [NAME] * len(self._slots))

    def marked(self) -> str:
        """The same with a name of its own in each slot: `_hyperparam_0_`, `_hyperparam_1_`."""
        return fill(self.text, self._slots, [f"_hyperparam_{n}_ " for n in range(len(self._slots))])

    def to_json(self) -> dict[str, Any]:
        """The content of tmp/template.json: the text, and the hyper-parameters for readers."""
        variables = self.variables()
        return {
            "format": FORMAT,
            "path": self.path,
            "encoding": self.encoding,
            "text": self.text,
            "hyperparameters": [
                {"token": entry.token, "line": line}
                | variables[entry.token]
                | ({"transform": entry.transform.text} if entry.transform else {})
                for entry, line in zip(self.hyperparameters, self.lines, strict=True)
            ],
        }

    @classmethod
    def from_json(cls, document: Any) -> Template:
        """Reads what `to_json` returned; only the text and its path and encoding are used.

        Raises:
            TemplateError: It is not such a document, or its text is not a valid template.
        """
        keys = ("text", "path", "encoding")
        fields = [document.get(key) if isinstance(document, Mapping) else None for key in keys]
        strings = [field for field in fields if isinstance(field, str)]
        if len(strings) < len(keys):
            raise TemplateError([f"template.json: expected strings for {', '.join(keys)}"])
        return cls(*strings)

    def _lines(self, message: str) -> str:
        """One of Python's messages with the template's lines: "... statement on line 7"."""
        return re.sub(
            r"\bline (\d+)", lambda found: f"line {self.template_line(int(found[1]))}", message
        )

    def template_line(self, line: int) -> int:
        """The template's line for a line of the rendered script.

        They differ after an object on several lines, because its value takes only one.
        """
        for slot in self._slots:
            if slot.line >= line:
                break
            line += self._source.line(slot.end) - slot.line
        return min(line, self._source.lines)

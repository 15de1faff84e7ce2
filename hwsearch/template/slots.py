"""The places of a template where a value goes: found, described and filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwsearch.template.conditions import condition_faults
from hwsearch.template.declaration import check
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.json_object import Fault, read_object
from hwsearch.template.options import Option, literal
from hwsearch.template.python_source import Source
from hwsearch.template.quoting import quoted, quoted_name

WORD = "HYPERPARAM"
#: What people write instead, in any case: the word of an older tool, and near misses.
OTHER_WORDS = ("OPTIMIZE", "OPTIMISE", "HYPERPARAMS", "HYPERPARAMETER", "HYPERPARAMETERS", WORD)


@dataclass(frozen=True, slots=True)
class Slot:
    """One HYPERPARAM and its JSON object.

    Attributes:
        start, end: Positions in the text; a value replaces what is between them.
        line: The line of `start`, counted from 1.
        parenthesised: Whether a number goes in parentheses, because what follows would bind tighter
            than its sign or change its digits.
        hyperparameter: What the object describes; None if the object has faults.
    """

    start: int
    end: int
    line: int
    parenthesised: bool
    hyperparameter: Hyperparameter | None

    def literal(self, value: Option) -> str:
        """The value as Python, in ASCII."""
        text = literal(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"({text})" if self.parenthesised and is_number else text


@dataclass(slots=True)
class Scan:
    """What was found in a script.

    Attributes:
        slots: In the order of the script.
        faults: What is wrong, with lines.
        complete: Whether every HYPERPARAM has a slot, that is, an object that could be read.
    """

    slots: list[Slot] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    complete: bool = True


def scan(source: Source) -> Scan:
    """Finds all slots of a script, and everything that is wrong with them."""
    result = Scan()
    lines: dict[str, int] = {}  # of the tokens found so far
    start = source.find(WORD)
    while start >= 0:
        line, end = source.line(start), start + len(WORD)
        opening = source.skip_blanks(end)
        fields = None
        if source.text.startswith("{", opening):
            read = read_object(source, opening)
            fields, end = read.fields, read.end
            result.faults += [(at, f"{WORD}: {text}") for at, text in read.faults]
        else:
            after = source.text[end : end + 20].partition("\n")[0].strip()
            got = quoted(after) if after else "nothing"
            fault = f'{WORD}: got {got} after it; expected {WORD}{{"type": ..., "token": ...}}'
            result.faults.append((line, fault))
        if fields is None:
            result.complete = False
        else:
            hyperparameter, faults = _declared(fields, line, lines)
            result.faults += [(line, fault) for fault in faults]
            tight = source.binds_tighter(end)
            result.slots.append(Slot(start, end, line, tight, hyperparameter))
        start = source.find(WORD, end)
    _check_other_words(source, result)
    declared = [(slot.line, slot.hyperparameter) for slot in result.slots if slot.hyperparameter]
    result.faults += condition_faults(declared, list(lines))
    return result


def _check_other_words(source: Source, result: Scan) -> None:
    """Adds a fault for each object after a word that was probably meant as HYPERPARAM."""
    spans = [(slot.start, slot.end) for slot in result.slots]
    for word, position in source.words():
        if word == WORD or word.upper() not in OTHER_WORDS:
            continue
        opening = source.skip_blanks(position + len(word))
        is_inside = any(start <= position < end for start, end in spans)
        if source.text.startswith("{", opening) and not is_inside:
            fault = f"got {word}{{...}}; expected {WORD}{{...}}"
            result.faults.append((source.line(position), fault))
            result.complete = False


def _declared(
    fields: dict[str, Any], line: int, lines: dict[str, int]
) -> tuple[Hyperparameter | None, list[str]]:
    """The hyper-parameter of an object, or its faults; a token may be used only once."""
    token = fields.get("token")
    hyperparameter, faults = check(fields)
    if isinstance(token, str):
        if token in lines:
            faults.append(f"token: already used on line {lines[token]}; expected a different name")
        lines.setdefault(token, line)
    place = f"hyper-parameter {quoted_name(token)}" if token and isinstance(token, str) else WORD
    return hyperparameter, [f"{place}: {fault}" for fault in faults]


def fill(text: str, slots: Sequence[Slot], literals: Iterable[str]) -> str:
    """The text with a literal in place of each slot; everything else stays as it is."""
    pieces, position = [], 0
    for slot, value in zip(slots, literals, strict=True):
        pieces += [text[position : slot.start], value]
        position = slot.end
    return "".join([*pieces, text[position:]])

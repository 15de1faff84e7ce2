"""The JSON object behind a HYPERPARAM, checked key by key.

    {"type": "INT", "token": "base_lr_base", "transform": "NEGEXP10", "min": 1, "max": 5}

A fault is a key, what was given for it, and what is wrong with it. All faults of an object are
found at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hwsearch.errors import did_you_mean
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.options import LARGEST_INT, is_finite, option_fault, option_key
from hwsearch.template.quoting import MISSING, quoted, quoted_key
from hwsearch.template.transforms import Transform

TYPES = ("INT", "FLOAT", "ENUM")
NUMBER_KEYS = ("type", "token", "min", "max", "transform", "step", "log", "default", "when")
KEYS = {
    "INT": NUMBER_KEYS,
    "FLOAT": NUMBER_KEYS,
    "ENUM": ("type", "token", "options", "default", "when"),
}
ALL_KEYS = (*NUMBER_KEYS[:4], "options", *NUMBER_KEYS[4:])
#: As in config.json, null is as good as absent.
NULLABLE = ("transform", "step", "log", "when")
LONGEST_TOKEN = 200


def check(fields: Mapping[str, Any]) -> tuple[Hyperparameter | None, list[str]]:
    """The hyper-parameter that a JSON object describes, or everything that is wrong with it.

    Returns:
        The hyper-parameter and no faults, or None and at least one fault: "min: got 5; ...".
    """
    null = [key for key in NULLABLE if fields.get(key, MISSING) is None]
    fields = {key: value for key, value in fields.items() if key not in null}
    faults = list(_faults(fields))
    if faults:
        return None, faults
    number = float if fields["type"] == "FLOAT" else int
    found = Hyperparameter(
        fields["token"],
        fields["type"],
        number(fields.get("min", 0)),
        number(fields.get("max", 0)),
        tuple(fields.get("options", ())),
        Transform.parse(fields["transform"]) if "transform" in fields else None,
        number(fields["step"]) if "step" in fields else None,
        fields.get("log", False),
        when=tuple((token, values_of(wanted)) for token, wanted in fields.get("when", {}).items()),
    )
    if fields.get("default") is None and None not in found.options:
        return found, []
    try:
        found.optimisers(fields["default"])
    except KeyError:
        return found, []
    except ValueError as error:
        return None, [_fault("default", fields["default"], f"expected {error}")]
    return replace(found, default=fields["default"]), []


def values_of(wanted: Any) -> tuple[Any, ...]:
    """The values in a `when`: a list of them, or one."""
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)


def _fault(key: str, value: Any, expected: str) -> str:
    """A fault: the value of a key, and what is expected instead."""
    return f"{key}: got {quoted(value)}; {expected}"


def _faults(fields: Mapping[str, Any]) -> Iterator[str]:
    yield from _token_faults(fields.get("token", MISSING))
    kind = fields.get("type", MISSING)
    if not isinstance(kind, str) or kind not in TYPES:
        expected = f"expected one of {', '.join(TYPES)}{did_you_mean(kind, TYPES)}"
        yield _fault("type", kind, expected)
        yield from _key_faults(fields, ALL_KEYS, "expected one of")
        return
    yield from _key_faults(fields, KEYS[kind], f"type {kind} has the keys")
    yield from _when_faults(fields)
    if kind == "ENUM":
        yield from _option_faults(fields.get("options", MISSING))
        return
    bounds = list(_bound_faults(kind, fields))
    yield from bounds
    yield from _sampling_faults(kind, fields, bounds_are_good=not bounds)
    if "transform" in fields:
        yield from _transform_faults(fields, bounds_are_good=not bounds)


def _key_faults(fields: Mapping[str, Any], valid: Sequence[str], intro: str) -> Iterator[str]:
    """Keys that are not valid; `intro` precedes the list of the valid ones."""
    for key in fields:
        if key not in valid:
            kind = "not a key of this type" if key in ALL_KEYS else "unknown key"
            hint = "" if key in ALL_KEYS else did_you_mean(key, valid)
            yield f"{quoted_key(key)}: {kind}; {intro} {', '.join(valid)}{hint}"


def _token_faults(token: Any) -> Iterator[str]:
    """What prevents a name from being a variable of config.json and a field of the database."""
    expected = None
    if not isinstance(token, str) or not token:
        expected = "expected a name for this hyper-parameter"
    elif len(token) > LONGEST_TOKEN:
        expected = f"expected a name of at most {LONGEST_TOKEN} characters"
    elif not token.isprintable() or token != token.strip():
        expected = "expected printable characters, without spaces at the start or end"
    elif "." in token or token.startswith("$"):
        expected = "expected a name without '.' and without '$' at the start, for the database"
    if expected:
        yield _fault("token", token, expected)


def _bound_faults(kind: str, fields: Mapping[str, Any]) -> Iterator[str]:
    low, high = (fields.get(key, MISSING) for key in ("min", "max"))
    wrong = False
    for key, bound in (("min", low), ("max", high)):
        expected = _bound_fault(kind, bound)
        if expected:
            wrong = True
            yield _fault(key, bound, expected)
    if wrong:
        return
    if not low < high:
        yield _fault("min", low, f"expected less than max ({quoted(high)})")
    elif not float(low) < float(high):
        yield _fault("min", low, f"expected a float that differs from max ({quoted(high)})")


def _bound_fault(kind: str, bound: Any) -> str | None:
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return "expected a whole number" if kind == "INT" else "expected a number"
    if not is_finite(bound):
        return "expected a finite number (below 1.8e308)"
    if kind == "INT" and not isinstance(bound, int):
        return "expected a whole number without a decimal point, or type FLOAT"
    if kind == "INT" and abs(bound) > LARGEST_INT:
        return f"expected a whole number in -{LARGEST_INT}..{LARGEST_INT}"
    return None


def _sampling_faults(
    kind: str, fields: Mapping[str, Any], *, bounds_are_good: bool
) -> Iterator[str]:
    """Faults of `log` and `step`."""
    log, step = fields.get("log", False), fields.get("step")
    if not isinstance(log, bool):
        yield _fault("log", log, "expected true or false")
    elif log and "transform" in fields:
        yield _fault("log", log, "expected only one of log and transform")
    elif log and bounds_are_good and fields["min"] <= 0:
        yield _fault("min", fields["min"], 'expected a number above 0, because of "log"')
    if step is None:
        return
    expected = _bound_fault(kind, step)
    if expected is None and step <= 0:
        expected = "expected a number above 0"
    elif expected is None and log:
        expected = "expected only one of step and log"
    elif expected is None and bounds_are_good:
        count = (Fraction(repr(fields["max"])) - Fraction(repr(fields["min"]))) // Fraction(
            repr(step)
        )
        if not 0 < count <= LARGEST_INT:
            expected = "expected a larger step" if count else "expected at most max - min"
    if expected:
        yield _fault("step", step, expected)


def _when_faults(fields: Mapping[str, Any]) -> Iterator[str]:
    """What can be said of `when` without the other hyper-parameters."""
    when = fields.get("when")
    if when is not None and (not isinstance(when, Mapping) or not when):
        example = 'expected an object such as {"optimizer": "sgd"} or {"layers": [2, 3]}'
        yield _fault("when", when, example)


def _transform_faults(fields: Mapping[str, Any], *, bounds_are_good: bool) -> Iterator[str]:
    text = fields["transform"]
    try:
        transform = Transform.parse(text if isinstance(text, str) else "")
    except ValueError as error:
        yield _fault("transform", text, str(error))
        return
    if not bounds_are_good:
        return
    number = int if fields["type"] == "INT" else float
    results = []
    for key in ("min", "max"):
        try:
            results.append(transform.apply(number(fields[key])))
        except OverflowError as error:
            yield _fault("transform", text, f"at {key}, {error}; expected another {key} or number")
    if len(results) == 2 and results[0] == results[1]:
        same = f"min and max both give {results[0]!r}; expected different values"
        yield _fault("transform", text, same)


def _option_faults(options: Any) -> Iterator[str]:
    if not isinstance(options, list) or not options:
        yield _fault("options", options, "expected a list of at least one option")
        return
    seen: set[Hashable] = set()
    for option in options:
        expected = option_fault(option)
        if expected is None and option_key(option) in seen:
            expected = "expected each option only once"
        if expected:
            yield _fault("options", option, expected)
        else:
            seen.add(option_key(option))

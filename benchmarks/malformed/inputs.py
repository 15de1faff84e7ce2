"""Files that are nearly templates and config.json files: valid ones changed, or grown."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

TEMPLATES = [
    b'lr = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}\n',
    b'\xef\xbb\xbfx = [HYPERPARAM{"type": "FLOAT", "token": "a", "min": 1e-7, "max": 0.5},\r\n'
    b'     HYPERPARAM{"type": "ENUM", "token": "b", "options": ["relu", 1, true, 2.5]}] # \'"\r\n',
    b"# coding: latin-1\n'''doc HYPERPARAM{\n'''\ns = f\"{1}\" 'HYPERPARAM' r'\\''\n"
    b'y = (HYPERPARAM {"type": "INT",\n "token": "caf\\u00e9",\n "transform": "X2", '
    b'"min": -3, "max": 18} ** 2) # \xe9\n',
    *(path.read_bytes() for path in sorted(ROOT.glob("experiments/*/keras_model/network_def.py"))),
]
CONFIGS: list[Any] = [
    {
        "language": "PYTHON",
        "main-file": "mainrun.py",
        "experiment-name": "hyperpower-1",
        "likelihood": "GAUSSIAN",
        "variables": {
            "n": {"type": "INT", "size": 1, "min": 10, "max": 18},
            "x": {"type": "FLOAT", "size": 2, "min": 1e-7, "max": 0.1},
            "act": {"type": "ENUM", "size": 1, "options": ["relu", "elu"]},
        },
        "tasks": {
            "error": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"},
            "power": {"type": "CONSTRAINT", "likelihood": "STEP", "min-confidence": 0.9},
        },
        "database": {"name": "spearmint", "address": "sqlite:../mongodb/spearmint.sqlite"},
        "polling-time": 0.1,
        "max-finished-jobs": 20,
        "seed": 7,
    },
    {
        "language": "PYTHON",
        "main-file": "branin.py",
        "variables": {"X": {"type": "FLOAT", "size": 2, "min": -5, "max": 15}},
        "resources": {
            "a": {"scheduler": "local", "max-concurrent": 2, "max-finished-jobs": 5},
            "b": {"scheduler": "local", "output-subdir": "out", "scheduler-args": {}},
        },
        "chooser": "default_chooser",
        "chooser-args": {"acquisition": "EI"},
        "grid_size": 1000,
        "grid_seed": 1,
        "preload": ["json"],
        "max-time": 60,
        "lease-time": 5,
    },
]
PIECES = [
    b'"', b"'", b"{", b"}", b"[", b"]", b"\\", b"\n", b"\r", b"#", b":", b",", b"\0", b"\xff",
    b"\xc3", b"HYPERPARAM", b"HYPERPARAM{", b'"""', b"'''", b'f"{', b"NaN", b"Infinity",
    b"-1e999", b"1e400", b"-", b".", b"**", b"null", b"true", b'"min"', b'"type"', b'"token"',
    b"\\u0000", b"\\ud800", b"9" * 400, b"9" * 5000, b"[" * 3000, b"(" * 300, b'{"a":' * 2000,
    b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"# coding: utf-16\n", b"# coding: hex\n", b"\x0c",
    b"\t", b"\xe2\x80\xa8", b"lambda ", b"=", b"import ",
]  # fmt: skip
ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**53, 2**63, 10**400, -(10**30), 0.5, 1e308, -1e308, 5e-324,
    1.0, float("nan"), float("inf"), "", "a", "INT", "FLOAT", "ENUM", "int", "OBJECTIVE",
    "CONSTRAINT", "X2", "LOG2", "LOG1", "NEGEXP10", "X1e999", "\0", "\ud800", "é", "a.b", "$a",
    "/etc/passwd", "../x", "a" * 300, "\n", [], [[]], [1, 1], [None], ["a", "a"], {}, {"a": 1},
    {"": {}}, [0, "", True, None, {}],
]  # fmt: skip
KEYS = [
    "type", "token", "min", "max", "options", "transform", "size", "language", "main-file",
    "experiment-name", "likelihood", "variables", "tasks", "resources", "chooser", "chooser-args",
    "database", "polling-time", "grid_size", "grid_seed", "preload", "seed", "max-time",
    "lease-time", "max-concurrent", "max-finished-jobs", "scheduler", "scheduler-args",
    "environment-file", "output-subdir", "min-confidence",
]  # fmt: skip


def mutated_bytes(rng: random.Random, samples: list[bytes]) -> bytes:
    """A valid file with one to six bytes or pieces changed."""
    data = bytearray(rng.choice(samples))
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        end = min(len(data), at + rng.choice([0, 1, 1, 2, 5, 20]))
        kind = rng.randrange(5)
        if kind == 0:
            data[at:end] = b""
        elif kind == 1:
            data[at:end] = rng.choice(PIECES)
        elif kind == 2:
            data[at:end] = bytes([rng.randrange(256)])
        elif kind == 3:
            data[at:at] = data[rng.randint(0, len(data)) :][: rng.randint(1, 40)]
        else:
            other = rng.choice(samples)
            start = rng.randint(0, len(other))
            data[at:end] = other[start : start + rng.randint(1, 60)]
    return bytes(data[: rng.randint(0, len(data))] if rng.random() < 0.05 else data)


def template_bytes_changed(rng: random.Random) -> bytes:
    return mutated_bytes(rng, TEMPLATES)


def config_bytes_changed(rng: random.Random) -> bytes:
    return mutated_bytes(rng, [json.dumps(document, indent=1).encode() for document in CONFIGS])


def odd(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON value, NaN and lone surrogates included."""
    kind = rng.random()
    if kind < 0.7 or depth > 3:
        return rng.choice(ODD)
    if kind < 0.85:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {key(rng): odd(rng, depth + 1) for _ in range(rng.randrange(4))}


def key(rng: random.Random) -> str:
    """A key, mostly one that means something."""
    word = rng.choice(KEYS) if rng.random() < 0.8 else str(rng.choice(ODD))
    return word[:-1] if rng.random() < 0.05 else word


def mutated_tree(rng: random.Random, value: Any) -> Any:
    """A JSON value with one of its nodes replaced, left out, renamed or doubled."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.15:
        return odd(rng)
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    place = rng.choice(places)
    changed = dict(value) if isinstance(value, dict) else list(value)
    kind = rng.randrange(8)
    if kind == 0:
        del changed[place]
    elif kind == 1 and isinstance(changed, dict):
        changed[key(rng)] = changed.pop(place)
    elif kind == 2 and isinstance(changed, dict):
        changed[key(rng)] = odd(rng)
    elif kind == 3 and isinstance(changed, list):
        changed.append(changed[place])
    else:
        changed[place] = mutated_tree(rng, changed[place])
    return changed


def dumped(rng: random.Random, value: Any) -> bytes:
    """JSON text, as JSON allows it to be written; now and then a key stands twice."""
    text = json.dumps(value, indent=rng.choice([None, None, 1]), ensure_ascii=rng.random() < 0.9)
    if rng.random() < 0.03:
        text = text.replace('"max"', '"min"')
    return text.encode("utf-8", "surrogatepass")


def hyperparameter(rng: random.Random) -> bytes:
    """HYPERPARAM{...}, nearly right."""
    kind = rng.choice(["INT", "FLOAT", "ENUM"])
    fields: Any = {"type": kind, "token": rng.choice("abcdefgh")}
    if kind == "ENUM":
        fields["options"] = [rng.choice(ODD[:40]) for _ in range(rng.randrange(4))]
    else:
        low = rng.choice([-5, 0, 1, 0.5, 1e-7])
        fields |= {"min": low, "max": rng.choice([low, low + 1, 10, 1e300])}
    if rng.random() < 0.3:
        text = rng.choice(["X", "LOG", "NEGEXP", "EXP", ""])
        fields["transform"] = text + rng.choice(
            ["2", "10", "0.5", "1", "0", "-3", "", "1e9", "[2]"]
        )
    for _ in range(rng.choice([0, 0, 1, 2])):
        fields = mutated_tree(rng, fields)
    return b"HYPERPARAM" + rng.choice([b"", b" ", b"\n"]) + dumped(rng, fields)


def template_grown(rng: random.Random) -> bytes:
    """Lines of a script: assignments, calls, strings, comments, rubbish."""
    around = [
        b"x = %s", b"f(%s, %s)", b"y = -%s ** %s", b"# %s", b"'%s'", b'f"{%s}"', b"'''%s\n%s'''",
        b"[%s,\n %s]", b"x.%s", b"%s.real", b"1%s", b"%s%s", b"%s = 1", b"if %s:\n    pass",
        b"x = (%s", b"lambda: %s", b"%s\\", b"return %s", b"print('a' %s)",
        b"def f(a=%s): return a", b"r'\\' + %s + '", b"\xef\xbb\xbf%s",
    ]  # fmt: skip
    lines = []
    for _ in range(rng.randint(1, 5)):
        line = rng.choice(around) if rng.random() < 0.7 else b"x = %s"
        lines.append(line % tuple(hyperparameter(rng) for _ in range(line.count(b"%s"))))
    return rng.choice([b"\n", b"\n", b"\r\n", b"\r"]).join(lines)


def template_objects_changed(rng: random.Random) -> bytes:
    """A valid script with objects whose structure is changed."""
    parts = [b"a = %s\nb = %s\n", b"model(%s, units=%s)  # '\n", b"x = [%s,\r\n %s]\r\n"]
    objects = [
        {"type": "INT", "token": "a", "min": 1, "max": 5, "transform": "X2"},
        {"type": "FLOAT", "token": "b", "min": 1e-7, "max": 0.5},
        {"type": "ENUM", "token": "c", "options": ["relu", "elu", 3, True]},
    ]
    chosen = rng.sample(objects, 2)
    if rng.random() < 0.95:
        chosen[0] = mutated_tree(rng, chosen[0])
    return rng.choice(parts) % tuple(b"HYPERPARAM" + dumped(rng, fields) for fields in chosen)


def config_structure_changed(rng: random.Random) -> bytes:
    """A valid config.json with one to three parts of its structure changed."""
    document = rng.choice(CONFIGS)
    for _ in range(rng.choice([1, 1, 2, 3])):
        document = mutated_tree(rng, document)
    return dumped(rng, document)


def config_grown(rng: random.Random) -> bytes:
    """Any JSON of the keys that a config.json may have."""

    def variable() -> Any:
        base = {
            "type": rng.choice(["INT", "FLOAT", "ENUM"]),
            "size": rng.choice([1, 2, 1, odd(rng)]),
        }
        bounds = {"min": rng.choice([0, 1, odd(rng)]), "max": rng.choice([1, 5, odd(rng)])}
        return base | (bounds if rng.random() < 0.7 else {"options": rng.choice([["a"], odd(rng)])})

    document: Any = {
        "language": "PYTHON",
        "main-file": "m.py",
        "variables": {rng.choice(["a", "b", str(odd(rng))]): variable() for _ in range(2)},
    }
    for _ in range(rng.randrange(5)):
        document[key(rng)] = odd(rng)
    return dumped(rng, document)

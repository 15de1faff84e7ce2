"""Finds Keras 2 spellings in the text of a script, without running it or importing Keras."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from hwsearch.keras2.names import (
    GENERATOR_METHODS,
    MOVED_MODULES,
    NEW_RATE,
    OLD_ARGUMENTS,
    OLD_RATES,
    OPTIMIZERS,
)
from hwsearch.keras2.reports import METRICS_THIRD, changed_rate, moved, renamed

_LOWER = {name.lower(): name for name in OPTIMIZERS}
_OLD_NAMES = re.compile(
    r"\b((lr|decay|schedule_decay|nb_epoch)\b|epsilon\s*=\s*None\b|np_utils\b|optimizers\.legacy\b"
    r"|optimizers\s+import\s+legacy\b|optimizers\.experimental\b|experimental\.preprocessing\b"
    r"|layers\.experimental\b|keras\.preprocessing\b"
    r"|keras\.(backend|engine)\b|keras\s+import\s+backend\b|utils\.(data|generic|vis)_utils\b"
    r"|(losses|metrics)(\.|\s+import\b[^\n]*\b)(?i:mse|mae|mape|msle|kld)\b"
    r"|EarlyStopping\([^)]*acc\b|ModelCheckpoint\b|ReduceLROnPlateau\b|TensorBoard\b"
    r"|batch_input_shape\b|reset_states\b"
    r"|(max_queue_size|use_multiprocessing|workers)\s*=|steps_per_epoch\s*=[^,\n]*[^/\n]/[^/\n]"
    rf"|({'|'.join(GENERATOR_METHODS)})\b"
    rf"|optimizers(\.|\s+import\b[^\n]*\b)({'|'.join(_LOWER)})\b"
    r"|keras\.layers\.(" + "|".join(name.rpartition(".")[2] for name in MOVED_MODULES) + r")\b)"
    r"|\.compile\s*\((?:[^=()\[\]]|\([^()]*\))*,\s*\["
)


def may_need(script: str) -> bool:
    """Whether a script may need `install`: it contains one of the old names."""
    return _OLD_NAMES.search(script) is not None


def old_spellings(script: str) -> list[tuple[int, str]]:
    """Finds Keras 2 spellings in the text of a script, without running it or importing Keras.

    Only literal uses are found, such as `SGD(lr=0.1)`. When the script runs, `install` also reports
    indirect ones, such as `SGD(**options)`.

    Args:
        script: Valid Python.

    Returns:
        Pairs of line number and message, in the order of the script.
    """
    tree = ast.parse(script)
    changed = not has_rates_of_keras_3(script)
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.update((node.lineno, text) for text in _in_call(node, changed))
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.lineno, text) for text in _in_import(node))
        elif isinstance(node, ast.Attribute):
            found.update((node.lineno, text) for text in _in_attribute(node))
    if changed:
        found.update(_optimizers_by_name(tree))
    return sorted(found)


def old_options(options: Sequence[object]) -> list[str]:
    """Messages about options of a hyper-parameter that name optimisers whose rate has changed."""
    found = []
    for option in options:
        name = _LOWER.get(option.lower()) if isinstance(option, str) else None
        if name in OLD_RATES:
            found.append(changed_rate(repr(option), name, OLD_RATES[name], NEW_RATE))
    return found


def has_rates_of_keras_3(script: str) -> bool:
    """Whether Keras 2's default rates were Keras 3's already in the Keras that a script is for.

    They were in TensorFlow 2's `tf.keras`, and in `keras.optimizers.legacy`.
    """
    # A rendered script begins with `import keras as _keras`, which is ours.
    alone = re.search(r"(?m)^\s*(import\s+keras\b(?!\s+as\s+_keras)|from\s+keras\b)", script)
    tensorflow = re.search(r"\btensorflow\.keras\b|\btf\.keras\b|tensorflow import keras", script)
    return "optimizers.legacy" in script or bool(tensorflow and not alone)


def _in_call(node: ast.Call, changed: bool) -> Iterator[str]:
    name = str(getattr(node.func, "attr", getattr(node.func, "id", None)))
    if re.match(r"(torch\.)?optim\.", ast.unparse(node.func)):
        return  # torch's optimisers have the same names
    words = [word.arg for word in node.keywords]
    old = [word for word in words if word in OLD_ARGUMENTS]
    if any(word.arg == "epsilon" and _is_none(word.value) for word in node.keywords):
        old.append("epsilon")
    states_rate = bool(node.args) or not {"lr", "learning_rate", None}.isdisjoint(words)
    rate = OLD_RATES.get(name) if changed and not states_rate else None
    if name in OPTIMIZERS and old:
        new = "learning_rate="
        if {"decay", "schedule_decay"}.intersection(old):
            new += "keras.optimizers.schedules.InverseTimeDecay(...)"
        elif old == ["epsilon"]:
            new = "leave epsilon out"
        if rate is not None:
            new += f" (Keras 2's default rate is used: {rate:g}; Keras 3's is {NEW_RATE:g})"
        yield renamed(name, [f"{word}=" for word in old if word], new)
    elif rate is not None:
        yield changed_rate(f"{name}()", name, rate, NEW_RATE)
    elif name in GENERATOR_METHODS and isinstance(node.func, ast.Attribute):
        new = GENERATOR_METHODS[name]
        yield f"model.{name}(...) is the Keras 2 spelling; in Keras 3: model.{new}(...)"
    elif name == "fit" and "nb_epoch" in words:
        yield renamed("model.fit", ["nb_epoch="], "epochs=")
    elif name == "compile" and any(
        isinstance(one, ast.Constant) and isinstance(one.value, str)
        for third in node.args[2:3]
        for one in getattr(third, "elts", [])
    ):
        yield METRICS_THIRD
    elif name == "Convolution2D" and len(node.args) > 2:
        yield (
            "Convolution2D(n, rows, columns) is the Keras 1 spelling, and in Keras 3 its third "
            "argument is strides; write: Conv2D(n, (rows, columns))"
        )


def _in_import(node: ast.ImportFrom) -> Iterator[str]:
    module = str(node.module).removeprefix("tensorflow.")
    names = ", ".join(alias.name for alias in node.names)
    if module in MOVED_MODULES:
        yield moved(module, MOVED_MODULES[module], names)
    elif module == "keras.optimizers":
        for alias in node.names:
            if alias.name in _LOWER:
                yield _lower_case(alias.name)
    elif module.startswith("keras.preprocessing.") and "ImageDataGenerator" in names:
        yield (
            "ImageDataGenerator is from Keras 2; it still works, but layers such as "
            "keras.layers.RandomFlip in the model are faster and part of the saved network"
        )


def _in_attribute(node: ast.Attribute) -> Iterator[str]:
    owner = ast.unparse(node.value)
    if owner.endswith("optimizers.legacy") or owner == "legacy":
        yield moved("keras.optimizers.legacy", "keras.optimizers", node.attr)
    elif owner.endswith("optimizers") and node.attr in _LOWER:
        yield _lower_case(node.attr)


def _lower_case(name: str) -> str:
    return f"keras.optimizers.{name} is the Keras 2 spelling; in Keras 3: {_LOWER[name]}"


def _optimizers_by_name(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Strings such as 'adadelta', unless they are compared or keys, where a rate may be stated."""
    other: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            other.update(id(key) for key in node.keys)
        elif isinstance(node, ast.Compare):
            other.update(
                id(each) for part in (node.left, *node.comparators) for each in ast.walk(part)
            )
        elif isinstance(node, ast.Subscript):
            other.add(id(node.slice))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in other:
            for text in old_options([node.value]):
                yield node.lineno, text


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None

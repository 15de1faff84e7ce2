"""Reads `scheduler-args` of a resource with the scheduler `RAY`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from math import isfinite
from typing import NoReturn

from spearmint.config.sizes import size_in_bytes
from spearmint.schedulers.ray.settings import HOST_PORT, Settings


class InvalidArgumentsError(ValueError):
    """Arguments of a resource that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidArgumentsError(message)


def parser() -> argparse.ArgumentParser:
    """The parser of `scheduler-args`."""
    found = _Parser(add_help=False, allow_abbrev=False)
    found.add_argument("--address", type=_address)
    found.add_argument("--python")
    found.add_argument("--num-cpus", type=_amount, default=1.0)
    found.add_argument("--num-gpus", type=_amount, default=0.0)
    found.add_argument("--memory", type=_memory)
    found.add_argument("--resources", type=_custom, dest="custom", default={})
    return found


def parsed(words: Sequence[str], namespace: str) -> Settings:
    """Reads `scheduler-args`.

    Args:
        words: The arguments; `-` and `_` are interchangeable in flags.
        namespace: Ray's namespace.

    Raises:
        InvalidArgumentsError: They cannot be understood; the text says what was expected.
    """
    given = parser().parse_args([_dashed(word) for word in words])
    return Settings(**vars(given), namespace=namespace)


def _dashed(word: str) -> str:
    flag, equals, value = word.partition("=")
    return flag.replace("_", "-") + equals + value if word.startswith("--") else word


def _amount(text: str) -> float:
    """An amount as Ray accepts it: a whole one, or a fraction below 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not isfinite(value) or value < 0 or (value > 1 and not value.is_integer()):
        expected = "a whole number, or a fraction below 1"
        raise argparse.ArgumentTypeError(f"got {text!r}; expected {expected}")
    return value


def _address(text: str) -> str:
    if text == "auto" or HOST_PORT.fullmatch(text):
        return text
    expected = "auto, HOST:PORT or ray://HOST:PORT"
    raise argparse.ArgumentTypeError(f"got {text!r}; expected {expected}")


def _memory(text: str) -> int:
    size = size_in_bytes(text)
    if not size:
        raise argparse.ArgumentTypeError(f"got {text!r}; expected a size such as 8GiB")
    return size


def _custom(text: str) -> dict[str, float]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        for value in found.values()
    ):
        expected = """an object with an amount of each resource, such as '{"fast": 1}'"""
        raise argparse.ArgumentTypeError(f"got {text!r}; expected {expected}")
    return {str(name): float(value) for name, value in found.items()}

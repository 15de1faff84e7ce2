"""The parameters of a job in the form in which the objective receives them."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.config.reader import shown
from spearmint.errors import UserError

TYPES = {"float": np.float64, "int": np.int64}


class NumberArray(np.ndarray[Any, np.dtype[Any]]):
    """An array of one number that also works wherever Python expects a number.

    Objectives written for Spearmint rely on `float(x)`, `int(x)`, `range(x)`, `round(x)`,
    `math.sqrt(x)` and `"%f" % x`, which NumPy itself refuses since version 2.4. The results of
    arithmetic with such an array have the same property if they have one element.
    """

    def __float__(self) -> float:
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __complex__(self) -> complex:
        return complex(self._number())

    def __index__(self) -> int:
        return operator.index(self._number())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._number(), digits)

    def __format__(self, spec: str) -> str:
        return format(self._number(), spec) if spec else str(self)

    def _number(self) -> Any:
        if self.size != 1:
            raise TypeError(f"got an array of {self.size} numbers; expected one number")
        return self.item()

    def __array_wrap__(
        self, array: NDArray[Any], context: Any = None, return_scalar: bool = False
    ) -> Any:
        """The result of a NumPy function: of this class only if it is an array of one number."""
        del context, return_scalar
        if array.ndim == 0:
            return array[()]  # a scalar, which NumPy returns for arrays of its own class too
        return array.view(NumberArray if array.size == 1 else np.ndarray)

    def __reduce__(self) -> Any:
        """Pickles a plain array, which can be read without this package."""
        return np.asarray(self).__reduce__()


def arguments(params: Any) -> dict[str, Any]:
    """Converts a job's params to what main receives.

    Returns:
        By name: FLOAT and INT as arrays of shape (size,), ENUM as a list of `size` options.

    Raises:
        UserError: The params are not of the form `{name: {"type": ..., "values": [...]}}`, as
            after a change by hand; one line per fault.
    """
    if not isinstance(params, Mapping):
        raise UserError(f"params: got {shown(params)}; expected an object")
    found: dict[str, Any] = {}
    faults = []
    for name, param in params.items():
        try:
            found[name] = _argument(param)
        except ValueError as error:
            faults.append(f"params: {_name(name)}: got {shown(param)}; expected {error}")
    if faults:
        raise UserError("\n".join(faults))
    return found


def _argument(param: Any) -> Any:
    """What main receives for one variable.

    Raises:
        ValueError: It is not as it must be; the text is what was expected.
    """
    kind = param.get("type") if isinstance(param, Mapping) else None
    if not isinstance(kind, str) or not isinstance(param.get("values"), list | tuple):
        raise ValueError('an object with "type" and a list of "values"')
    values = list(param["values"])
    if kind.lower() not in TYPES:
        return values
    if any(isinstance(value, str | bytes) for value in values):
        raise ValueError("numbers")
    try:
        array = np.array(values, dtype=TYPES[kind.lower()])
    except (TypeError, ValueError, OverflowError):
        raise ValueError("numbers") from None
    if array.ndim != 1:
        raise ValueError("numbers")
    return array.view(NumberArray) if array.size == 1 else array


def _name(name: Any) -> str:
    return name if isinstance(name, str) and name.isidentifier() else shown(name)

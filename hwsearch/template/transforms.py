"""Transforms: the script's value for the optimiser's value v.

    X<k>       v * k       an int if v is one and k is written as one
    NEGEXP<b>  b ** -v     a float
    LOG<b>     b ** v      an int if b is written as one, v is one and v >= 0

Numbers count as the decimals that people write, and a result is rounded only once: NEGEXP10 of 3
is the float nearest to 1/1000, which Python writes as 0.001.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from hwsearch.errors import nearest

VALID = "X<k> (v * k), NEGEXP<b> (b ** -v) or LOG<b> (b ** v), such as X2, NEGEXP10 or LOG2"

_SHAPE = re.compile(
    r"(?P<kind>X|NEGEXP|LOG)(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)", re.ASCII
)
_LONGEST_NUMBER = 40
# What people write -> the kind that they mean, and a usual number for it.
_MEANT = {
    "X": ("X", "2"),
    "MUL": ("X", "2"),
    "NEGEXP": ("NEGEXP", "10"),
    "EXP": ("LOG", "2"),
    "LOG": ("LOG", "2"),
}
#: Exact powers with larger exponents would be fractions of thousands of digits.
_LARGEST_EXACT_EXPONENT = 4096


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform.

    Attributes:
        text: As the template has it, "NEGEXP10".
        kind: "X", "NEGEXP" or "LOG".
        number: The factor k or the base b, exactly as written.
        whole: Whether k or b is written as an int.
    """

    text: str
    kind: str
    number: Fraction
    whole: bool

    @classmethod
    def parse(cls, text: str) -> Transform:
        """Reads "NEGEXP10".

        Raises:
            ValueError: It is not a transform; the text says what is expected.
        """
        found = _SHAPE.fullmatch(text)
        if not found:
            raise ValueError(f"expected {VALID}{_did_you_mean(text)}")
        kind, written = found["kind"], found["number"]
        if len(written) > _LONGEST_NUMBER or not math.isfinite(float(written)):
            raise ValueError(f"expected a number below 1e308 with at most {_LONGEST_NUMBER} digits")
        if float(written) == 0 or (kind != "X" and (float(written) < 0 or float(written) == 1)):
            what = "a factor other than 0" if kind == "X" else "a base above 0 and other than 1"
            raise ValueError(f"expected {what}")
        whole = written.lstrip("-").isdigit()
        return cls(text, kind, Fraction(written), whole)

    def apply(self, value: float) -> int | float:
        """The script's value for v.

        Raises:
            OverflowError: The result is too large for a float, or so small that it would be 0.
        """
        try:
            result = self._product(value) if self.kind == "X" else self._power(value)
            if math.isfinite(result):
                return result
        except OverflowError:
            pass
        raise OverflowError(f"the result for v = {value!r} is too large or too small for a float")

    def invert(self, result: float) -> float:
        """The v, perhaps rounded, that the script gets `result` for.

        Raises:
            ValueError: There is none: the logarithm of a number that is not positive.
        """
        if self.kind == "X":
            return float(Fraction(result) / self.number)
        exponent = math.log(result) / math.log(self.number)
        return -exponent if self.kind == "NEGEXP" else exponent

    def _product(self, value: float) -> int | float:
        product = Fraction(value) * self.number
        if self.whole and isinstance(value, int):
            return product.numerator
        if product != 0 and float(product) == 0.0:
            raise OverflowError
        return float(product)

    def _power(self, value: float) -> int | float:
        exponent = -value if self.kind == "NEGEXP" else value
        estimate = math.pow(float(self.number), exponent)  # OverflowError if too large
        if estimate == 0.0:
            raise OverflowError
        if not isinstance(exponent, int) or abs(exponent) > _LARGEST_EXACT_EXPONENT:
            return estimate
        exact = self.number**exponent
        if self.kind == "LOG" and self.whole and exponent >= 0:
            return int(exact)
        return float(exact)


def _did_you_mean(text: str) -> str:
    """What was probably meant: "; did you mean 'X2'?" for another case, brackets, a wrong name."""
    found = re.fullmatch(r"([^0-9]*)(.*)", re.sub(r"[\s\[\]()<>_]", "", text))
    if not found or len(text) > _LONGEST_NUMBER:
        return ""
    letters, number = found[1].upper(), found[2]
    close = nearest(letters, _MEANT, cutoff=0.5)
    if not close:
        return ""
    kind, usual = _MEANT[close]
    meant = kind + (number or usual)
    return f"; did you mean {meant!r}?" if _SHAPE.fullmatch(meant) else ""

"""Why networks could not be built or measured, and when it is pointless to continue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hwsearch.calibration.builders import Built
from hwsearch.errors import UserError
from hwsearch.network.errors import without_numbering

#: So many networks that failed for the same reason, and none that was measured, are enough.
EQUAL_FAILURES = 5


@dataclass(slots=True)
class Failures:
    """Networks that could not be used.

    Attributes:
        reasons: How often each occurred. Reasons are equal if they differ only in the numbers that
            Keras gives to layers; the first one stands for all.
    """

    reasons: Counter[str] = field(default_factory=Counter)
    _first: dict[str, tuple[str, int]] = field(default_factory=dict)

    def add(self, built: Built) -> str:
        """Counts a network that could not be used; says why it could not."""
        key = without_numbering(built.reason)
        is_new = key not in self._first
        reason, number = self._first.setdefault(key, (built.reason, built.number))
        self.reasons[reason] += 1
        why = f": {reason}" if is_new else f", for the same reason as network {number}"
        return f"cannot be used{why}"

    @property
    def are_enough(self) -> bool:
        """Whether so many failed alike that all will, if no other network was measured."""
        return max(self.reasons.values(), default=0) >= EQUAL_FAILURES

    def error(self, template: Path, networks: str) -> UserError:
        """What to raise if no network at all could be measured; at least one was tried.

        Args:
            template: The template's path.
            networks: What the networks are, in the plural.
        """
        reason, count = self.reasons.most_common(1)[0]
        return UserError(
            f"{template}: none of {self.reasons.total()} {networks} could be measured; "
            f"{count} times: {reason}"
        )

    def lines(self) -> list[str]:
        """How many networks failed and why, for people; [] if none did."""
        if not self.reasons:
            return []
        reasons = [f"  {count} times: {reason}" for reason, count in self.reasons.most_common()]
        return [f"{self.reasons.total()} networks could not be measured:", *reasons]

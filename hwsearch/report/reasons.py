"""Why jobs have no value: equal reasons are counted together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from hwsearch.network.errors import without_numbering
from hwsearch.printing import shortened

LONGEST_REASON = 500


def by_frequency(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """Each reason and how often it is there, the commonest first.

    What differs between jobs is left out: the numbers of epochs, scripts and of Keras' layers.
    """
    first: dict[str, str] = {}  # of those that differ only in Keras' numbering
    general = map(_general, reasons)
    return Counter(
        first.setdefault(without_numbering(reason), reason) for reason in general
    ).most_common()


def _general(reason: str) -> str:
    reason = re.sub(r"\b\d{8,}_keras_net\.py", "the script", reason)
    reason = re.sub(r" in epoch \d+$", "", reason)
    return shortened(reason, LONGEST_REASON)

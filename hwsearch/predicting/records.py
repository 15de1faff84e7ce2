"""Records of measured networks: what a hardware model is made of."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from hwsearch.measurements import Quantity
from hwsearch.measurements.reading import by_name, items, mapping, number, text, whole
from hwsearch.meters.device import with_cpus
from hwsearch.predicting.features import Structure


@dataclass(frozen=True, slots=True)
class Platform:
    """Where networks ran: costs on different platforms cannot be compared.

    Attributes:
        kind: `cpu` or `gpu`.
        name: The maker's name for the device.
        backend: Keras' backend.
        cpus: Number of logical CPUs; 0 = a GPU, or unknown, as in files of older versions.
    """

    kind: str
    name: str
    backend: str
    cpus: int = 0

    def __str__(self) -> str:
        return f"{with_cpus(self.name, self.cpus)} with {self.backend}"

    def is_like(self, other: Platform) -> bool:
        """Whether costs on both can be compared."""
        same = replace(self, cpus=0) == replace(other, cpus=0)
        return same and (self.cpus == other.cpus or 0 in (self.cpus, other.cpus))

    def to_json(self) -> dict[str, str | int]:
        """{"kind", "name", "backend", "cpus"}."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Any) -> Platform:
        """Reads what `to_json` wrote; "" for what is missing."""
        entry = mapping(document)
        kind, name, backend = (text(entry.get(key)) for key in ("kind", "name", "backend"))
        return cls(kind, name, backend, whole(entry.get("cpus")) or 0)


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """One profile of one network.

    Attributes:
        platform: Where it ran.
        structure: What its costs depend on.
        signature: See `hwsearch.predicting.signature`.
        script: SHA-256 of its rendered template.
        quantities: By metric.
        meter: The power meter's name for the device; "" without a power meter.
        date: Seconds since the epoch.
        run: The run that measured it; "" if none did.
        job: Its job; None if it was none.
        settings: How it was measured: `ProfileSettings` as JSON; {} if that is unknown.
    """

    platform: Platform
    structure: Structure
    signature: str
    script: str
    quantities: Mapping[str, Quantity]
    meter: str = ""
    date: float = math.nan
    run: str = ""
    job: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A dictionary for a file."""
        origin = {"run": self.run, "job": self.job, "settings": dict(self.settings)}
        return {
            "platform": self.platform.to_json(),
            "structure": self.structure.to_json(),
            "signature": self.signature,
            "script": self.script,
            "quantities": {name: value.to_json() for name, value in self.quantities.items()},
            "meter": self.meter,
            "date": self.date,
            **(origin if self.job is not None else {}),
        }

    @classmethod
    def from_json(cls, document: Any) -> NetworkRecord | None:
        """Reads what `to_json` wrote; None if the structure is missing or faulty."""
        entry = mapping(document)
        structure = Structure.from_json(entry.get("structure"))
        if structure is None:
            return None
        return cls(
            Platform.from_json(entry.get("platform")),
            structure,
            text(entry.get("signature")),
            text(entry.get("script")),
            by_name(entry.get("quantities"), Quantity.from_json),
            text(entry.get("meter")),
            number(entry.get("date")),
            text(entry.get("run")),
            whole(entry.get("job")),
            mapping(entry.get("settings")),
        )


def script_hash(rendered: str) -> str:
    """Identifies a rendered template."""
    return hashlib.sha256(rendered.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Samples:
    """Costs of different networks by one metric; profiles of equal networks are averaged.

    Attributes:
        structures: One per network.
        costs: Shape (n,).
        errors: Relative standard errors of the costs, shape (n,); NaN where they are unknown.
    """

    structures: tuple[Structure, ...]
    costs: tuple[float, ...]
    errors: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """{"structures", "costs", "errors"}."""
        return {
            "structures": [one.to_json() for one in self.structures],
            "costs": list(self.costs),
            "errors": list(self.errors),
        }

    @classmethod
    def from_json(cls, document: Any) -> Samples:
        """Reads what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        structures = items(document["structures"], Structure.from_json)
        costs, errors = (tuple(map(number, document[key])) for key in ("costs", "errors"))
        if not len(structures) == len(costs) == len(errors):
            raise ValueError("networks: expected as many structures as costs and errors")
        return cls(structures, costs, errors)


def samples_of(records: Iterable[NetworkRecord], metric: str) -> Samples:
    """The networks with a positive cost by a metric, in the order of their first profiles."""
    groups = _by_signature(records, metric)
    structures, costs, errors = [], [], []
    for group in groups.values():
        values = [one.quantities[metric].value for one in group]
        relative = [one.quantities[metric].relative_error for one in group]
        known = [error for error in relative if math.isfinite(error)]
        structures.append(group[0].structure)
        costs.append(float(np.mean(values)))
        mean_error = float(np.mean(known)) if known else math.nan
        errors.append(mean_error / math.sqrt(len(group)))
    return Samples(tuple(structures), tuple(costs), tuple(errors))


def repeatability(records: Iterable[NetworkRecord], metric: str) -> float:
    """Standard deviation of the profiles of one network, in % of the cost.

    Returns:
        Pooled over the networks that were profiled several times; NaN if there are none.
    """
    squares, freedom = 0.0, 0
    for group in _by_signature(records, metric).values():
        logs = np.log([one.quantities[metric].value for one in group])
        squares += float(np.sum((logs - logs.mean()) ** 2))
        freedom += len(group) - 1
    return 100.0 * math.sqrt(squares / freedom) if freedom else math.nan


def _by_signature(
    records: Iterable[NetworkRecord], metric: str
) -> dict[str, Sequence[NetworkRecord]]:
    groups: defaultdict[str, list[NetworkRecord]] = defaultdict(list)
    for one in records:
        quantity = one.quantities.get(metric)
        if quantity is not None and 0 < quantity.value < math.inf:
            groups[one.signature].append(one)
    return dict(groups)

"""Profiles and hardware models of an experiment, as files of JSON.

<experiment>/tmp/hardware/profiles/<...>.json     one per profile
<experiment>/tmp/hardware/others/<...>.json       those of another experiment, in one file
<experiment>/tmp/hardware/candidates.json         typical networks of the template, not measured
<experiment>/tmp/hardware/<device>.json           the model made of those of one platform

One file per profile: jobs on many machines may write at the same time, and a process that is killed
loses no profile but its own. The files belong to the template, not to a run: later runs use them.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwsearch.atomic_files import write_json
from hwsearch.errors import UserError
from hwsearch.measurements.reading import items, mapping, text
from hwsearch.meters.device import with_cpus
from hwsearch.predicting import LEAST
from hwsearch.predicting.features import Structure
from hwsearch.predicting.hardware_model import HardwareModel
from hwsearch.predicting.records import NetworkRecord, Platform


class Store:
    """The files in a folder, which `keep` makes.

    Args:
        folder: `Experiment.hardware`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._profiles = folder / "profiles"
        self._others = folder / "others"
        self._candidates = folder / "candidates.json"

    def keep(self, record: NetworkRecord) -> None:
        """Writes one profile.

        Raises:
            OSError: It cannot be written.
        """
        self._profiles.mkdir(parents=True, exist_ok=True)
        name = f"{record.signature[:16]}-{secrets.token_hex(4)}.json"
        write_json(self._profiles / name, record.to_json())

    def records(self, platform: Platform | None = None) -> list[NetworkRecord]:
        """The profiles of one platform, or all, the oldest first; unreadable files are left out."""
        found = [
            record
            for path in self._profiles.glob("*.json")
            if (record := NetworkRecord.from_json(_read(path))) is not None
        ]
        if platform is not None:
            found = [one for one in found if one.platform.is_like(platform)]
        return sorted(found, key=lambda one: (one.date, one.signature))

    def is_empty(self) -> bool:
        """Whether there is no profile, neither of this template nor of another one."""
        return not self.records() and not any(self._others.glob("*.json"))

    def adopt(self, experiment: Path, records: Sequence[NetworkRecord]) -> None:
        """Keeps the profiles of another experiment, in place of those that were kept of it before.

        Raises:
            OSError: They cannot be written.
        """
        place = str(experiment.resolve())
        name = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._others.mkdir(parents=True, exist_ok=True)
        document = {"experiment": place, "profiles": [one.to_json() for one in records]}
        write_json(self._others / f"{name}.json", document)

    def others(self, platform: Platform) -> dict[str, list[NetworkRecord]]:
        """The adopted profiles of one platform, by the name of their experiment's folder."""
        found: dict[str, list[NetworkRecord]] = {}
        for path in sorted(self._others.glob("*.json")):
            document = mapping(_read(path))
            records = items(document.get("profiles"), NetworkRecord.from_json)
            name = Path(text(document.get("experiment"))).name
            usable = [one for one in records if one.platform.is_like(platform)]
            if usable:
                found.setdefault(name, []).extend(usable)
        return found

    def keep_candidates(self, structures: Sequence[Structure]) -> None:
        """Keeps typical networks of the template, in place of those that were kept before.

        Raises:
            OSError: They cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self._candidates, {"networks": [one.to_json() for one in structures]})

    def candidates(self) -> list[Structure]:
        """What `keep_candidates` kept; [] if there is nothing, as in folders of older versions."""
        return list(items(mapping(_read(self._candidates)).get("networks"), Structure.from_json))

    def model_file(self, platform: Platform) -> Path:
        """Where the model of a platform is kept."""
        device = with_cpus(platform.name, platform.cpus)
        words = re.findall(r"[a-z0-9]+", f"{device} {platform.backend}".lower())
        return self.folder / f"{'-'.join(words) or platform.kind}.json"

    def model(
        self,
        platform: Platform,
        newer: float = 0.0,
        more: Mapping[str, Sequence[NetworkRecord]] | None = None,
    ) -> HardwareModel:
        """The model of a platform, made of all its profiles and of those of other experiments.

        It is made anew if there are more by now, and kept if it can be written.

        Args:
            platform: Where networks run.
            newer: A share of the profiles, at most so many of which the model need not know.
            more: Profiles of other experiments on it, by name, for a model that is not kept.

        Raises:
            UserError: There are too few profiles of this platform.
        """
        path = self.model_file(platform)
        records, others = self.records(platform), {**self.others(platform), **(more or {})}
        counts = {name: len(group) for name, group in others.items()}
        candidates = self.candidates()
        least = (1.0 - newer) * len(records)
        kept = HardwareModel.from_json(_read(path))
        is_current = (
            kept is not None
            and kept.platform == platform
            and least <= kept.profiles <= len(records)
            and kept.others == counts
            and kept.candidates == len(candidates)
        )
        if kept is not None and is_current:
            return kept
        made = HardwareModel.fit(records, others, candidates)
        if made is None:
            raise UserError(self._why_none(platform, records))
        made = replace(made, platform=platform)
        if not more:
            with suppress(OSError):  # it only saves time: a folder may be one that is only read
                write_json(path, made.to_json())
        return made

    def _why_none(self, platform: Platform, records: Sequence[NetworkRecord]) -> str:
        """Why there is no model of a platform, and what to do."""
        platforms = {one.platform for one in self.records()}
        others = sorted(str(one) for one in platforms if not one.is_like(platform))
        elsewhere = (
            f" (there are some of {', '.join(others)}, whose costs differ)" if others else ""
        )
        different = len({one.signature for one in records})
        networks = "1 network" if different == 1 else f"{different} different networks"
        what = f"profiles of {networks} on {platform}" if records else f"no profiles on {platform}"
        # Too few were asked for, or the template has no more: profiles do not say which.
        more = (
            "measures more, if a HYPERPARAM changes a layer or its size"
            if records
            else "makes them"
        )
        return (
            f"{self.folder}: {what}{elsewhere}; expected those of at least {LEAST} different "
            f"networks: gener_experiment.py --experiment DIR --profile 20 {more}; or use "
            "--learn_costs_from with an experiment that has some"
        )


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None

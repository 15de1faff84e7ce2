"""The device of a run: that of the first network that was measured, whichever job that was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hwsearch.atomic_files import create_json
from hwsearch.experiment.archive import Archive
from hwsearch.experiment.folder import Experiment
from hwsearch.measurements.reading import whole
from hwsearch.meters.device import with_cpus
from hwsearch.printing import one_line


def first_device(experiment: Experiment, run: str, device: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keeps a device as the run's, unless there is one already.

    Jobs on many machines may call this at the same time: the file is created once, complete, and
    all of them get the same answer. No lock is needed, which network file systems may not have.

    Args:
        experiment: The run in place there.
        run: The name of the job's run.
        device: The one that a network was measured on, as `hwsearch.meters.device.Device`.

    Returns:
        The run's device, or `device` if the file cannot be read.

    Raises:
        OSError: The file cannot be written.
    """
    if Archive(experiment).current_run() != run:
        return device  # a job that outlived its run: the files are another's
    if create_json(experiment.device_file, device):
        return device
    return known_device(experiment) or device


def known_device(experiment: Experiment) -> Mapping[str, Any] | None:
    """The device of the run in place; None if no network was measured or the file is spoiled."""
    try:
        found = json.loads(experiment.device_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def same_kind(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether costs on two devices can be compared: they are of one model, on any machine.

    CPUs need the same number of logical CPUs, too, where it is known.
    """
    alike = all(one.get(key) == other.get(key) for key in ("kind", "name"))
    counts = {device["cpus"] for device in (one, other) if device.get("cpus")}
    return alike and len(counts) < 2


def described(device: Mapping[str, Any]) -> str:
    """A device for people, without its number on the machine."""
    return with_cpus(one_line(device.get("name", "?")), whole(device.get("cpus")) or 0)

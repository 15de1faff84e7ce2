"""Records of measured networks, for hardware models: made of what a profile measured."""

from __future__ import annotations

import time
from pathlib import Path

from hwsearch.costs import Costs
from hwsearch.counting import Counts
from hwsearch.keras_runtime import keras
from hwsearch.measuring.inference_load import on_gpu
from hwsearch.meters.device import Device
from hwsearch.meters.gpus import device_of
from hwsearch.metrics import METRICS
from hwsearch.network.network import Network
from hwsearch.predicting.features import Structure
from hwsearch.predicting.records import NetworkRecord, Platform, script_hash
from hwsearch.predicting.signature import signature
from hwsearch.predicting.store import Store


def platform_of(device: Device) -> Platform:
    """A device with the backend of this process."""
    return Platform(device.kind, device.name, keras.backend.backend(), device.cpus)


def platform_here() -> Platform:
    """Where networks of this process run. It runs an operation: no fork afterwards.

    Raises:
        DeviceError: The GPU is ambiguous.
    """

    class Load:
        """What `device_of` asks."""

    load = Load()
    load.on_gpu = on_gpu()  # type: ignore[attr-defined]
    return platform_of(device_of(load))


def structure_of(network: Network, counts: Counts, batch_size: int | None) -> Structure:
    """The structure of a network that is measured with a batch size (None = the script's)."""
    return Structure.of(counts, batch_size or network.batch_size)


def record_of(
    network: Network, costs: Costs, rendered: str, batch_size: int | None
) -> NetworkRecord | None:
    """A record of a measured network.

    Args:
        network: The network.
        costs: What was measured.
        rendered: Its rendered template.
        batch_size: The one of the measurement; None = the script's.

    Returns:
        None if nothing was measured, or its layers cannot be counted.
    """
    profile = costs.profile
    if profile is None or costs.counts is None:
        return None
    quantities = {
        name: quantity
        for name, quantity in profile.quantities.items()
        if name in METRICS and METRICS[name].needs_device
    }
    if not quantities:
        return None
    structure = structure_of(network, costs.counts, batch_size)
    return NetworkRecord(
        platform_of(profile.device),
        structure,
        signature(network.model, structure, costs.counts.operations),
        script_hash(rendered),
        quantities,
        profile.meter_device,
        time.time(),
    )


def keep_record(folder: Path, record: NetworkRecord | None) -> str:
    """Keeps a record in `Experiment.hardware`; says why that failed, "" if it did not.

    Whoever measures a network for another purpose continues without it.
    """
    if record is None:
        return ""
    try:
        Store(folder).keep(record)
    except OSError as error:
        return f"{folder}: the profile cannot be kept for hardware models: {error.strerror}"
    return ""

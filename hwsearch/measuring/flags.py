"""Warnings about a profile as a whole; those about single readings are in `reading_checks`."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwsearch.measurements import Flag, Quantity
from hwsearch.meters.protocol import DeviceState

BUSY = 1.25


def state_flags(before: DeviceState, after: DeviceState) -> list[Flag]:
    """Flags a device that was throttled, or that other processes used.

    Args:
        before: The state before the load.
        after: The state at its end.
    """
    flags = []
    for moment, state in (("before", before), ("after", after)):
        if state.throttle:
            flags.append(Flag("throttled", f"{moment} the load: {', '.join(state.throttle)}"))
        if state.foreign_processes:
            ids = ", ".join(map(str, state.foreign_processes))
            text = f"{moment} the load, other processes used the device: {ids}"
            flags.append(Flag("foreign", text))
    return flags


def busy_flags(busyness: float) -> list[Flag]:
    """Flags a machine on which a typical batch took at least 1.25 times as long as when idle."""
    if busyness <= BUSY:
        return []
    text = (
        f"a typical batch took {busyness:.1f} times as long as on the idle machine; "
        "runtime is corrected for this, latency is not"
    )
    return [Flag("busy", text)]


def uncertain_flags(quantities: Mapping[str, Quantity], target_error: float) -> list[Flag]:
    """Flags quantities with a standard error above the target.

    Args:
        quantities: By metric.
        target_error: As a share of the mean.
    """
    flags = []
    for name, quantity in sorted(quantities.items()):
        error = quantity.relative_error
        if error > target_error:
            known = f"{100 * error:.1f}%" if math.isfinite(error) else "unknown"
            text = (
                f"{name}: standard error {known}; target {100 * target_error:.1f}%; "
                "increase the profile time limit"
            )
            flags.append(Flag("uncertain", text))
    return flags

"""What this machine can measure, with a live reading of each sensor: for `--list_meters`."""

from __future__ import annotations

from hwsearch.measuring.memory_sources import MemoryReadError, peak_source
from hwsearch.meters import all_meters, measurable
from hwsearch.meters.protocol import UNITS, Channel, Meter, MeterError

WIDTHS = (11, 9, 36)


def table() -> str:
    """One line per sensor: a live reading; or why there is none, and what would help."""
    lines = [_line("meter", "quantity", "field", "now")]
    for meter in all_meters():
        lines += _meter_lines(meter)
    lines.append(_memory_line())
    lines.append(f"This machine can measure: {', '.join(measurable())}.")
    return "\n".join(lines)


def _meter_lines(meter: Meter) -> list[str]:
    availability = meter.available()
    if not availability.ok:
        return [_unavailable(meter, availability.reason, availability.remedy)]
    try:
        with meter:
            device = meter.describe_device()
            return [
                _line(meter.name, c.quantity, c.field, f"{_now(meter, c)}  {device}")
                for c in meter.channels()
            ]
    except MeterError as error:
        return [_unavailable(meter, error.cause, error.remedy)]


def _memory_line() -> str:
    """Memory needs no meter; its line shows where the peak is read."""
    source = peak_source()
    try:
        source.start()
        now = f"{source.peak() / 2**20:.1f} MiB  this process"
    except (MemoryReadError, OSError) as error:
        now = f"no: {error}"
    finally:
        source.stop()
    return _line("-", "memory", source.field, now)


def _now(meter: Meter, channel: Channel) -> str:
    try:
        value = meter.read(channel.quantity).value
    except MeterError as error:
        return f"no: {error.cause}"
    covered = f" of {channel.covers}" if channel.covers else ""
    return f"{value:.2f} {UNITS[channel.quantity]}{covered}"


def _unavailable(meter: Meter, reason: str, remedy: str) -> str:
    return _line(meter.name, "-", "-", f"no: {reason}{f'; {remedy}' if remedy else ''}")


def _line(meter: str, quantity: str, field: str, now: str) -> str:
    cells = (
        cell.ljust(width) for cell, width in zip((meter, quantity, field), WIDTHS, strict=True)
    )
    return f"{' '.join(cells)} {now}".rstrip()

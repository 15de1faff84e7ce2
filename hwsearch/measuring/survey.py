"""`python -m hwsearch.meters`: what this machine can measure, with live readings."""

from __future__ import annotations

import argparse
import sys

from hwsearch.errors import UserError
from hwsearch.meters import every, measurable
from hwsearch.meters.protocol import UNITS, Channel, Meter, MeterError

WIDTHS = (11, 9, 36)


def table() -> str:
    """A line a meter and quantity: the live reading, or why there is none and what would help."""
    lines = [_line("meter", "quantity", "field", "now")]
    for meter in every():
        lines += _meter_lines(meter)
    lines.append(f"This machine can measure: {', '.join(measurable())}.")
    return "\n".join(lines)


def _meter_lines(meter: Meter) -> list[str]:
    availability = meter.available()
    if not availability.ok:
        why = availability.reason + (f"; {availability.remedy}" if availability.remedy else "")
        return [_line(meter.name, "-", "-", f"no: {why}")]
    try:
        with meter:
            device = meter.describe_device()
            return [
                _line(meter.name, c.quantity, c.field, f"{_now(meter, c)}  {device}")
                for c in meter.channels()
            ]
    except MeterError as error:
        return [_line(meter.name, "-", "-", f"no: {error.cause}; {error.remedy}".rstrip("; "))]


def _now(meter: Meter, channel: Channel) -> str:
    try:
        value = meter.read(channel.quantity).value
    except MeterError as error:
        return f"no: {error.cause}"
    if channel.quantity == "memory":
        return f"{value / 2**20:.1f} MiB"
    of = f" of {channel.covers}" if channel.covers else ""
    return f"{value:.2f} {UNITS[channel.quantity]}{of}"


def _line(meter: str, quantity: str, field: str, now: str) -> str:
    cells = (
        cell.ljust(width) for cell, width in zip((meter, quantity, field), WIDTHS, strict=True)
    )
    return f"{' '.join(cells)} {now}".rstrip()


def main(arguments: list[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m hwsearch.meters", description=__doc__)
    parser.parse_args(arguments)
    try:
        print(table())
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

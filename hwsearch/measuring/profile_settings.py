"""How carefully to measure a network. Loads nothing heavy: the command line reads it."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field, replace

from hwsearch.command_line.kinds import COUNT, FRACTION, SECONDS, WORD
from hwsearch.command_line.setting import setting, settings_of, wrong
from hwsearch.errors import UserError

LIMIT_S = 10.0
LIMIT_TIME_ONLY_S = 3.0


def _meter(text: str) -> str:
    """A meter's name; the path of a recording becomes absolute, because jobs run elsewhere."""
    name, colon, path = text.partition(":")
    if name == "replay":
        path = path or os.environ.get("HYPERPOWER_REPLAY", "")
        return f"replay:{os.path.abspath(path)}" if path else text  # noqa: PTH100 - keeps links
    return f"{name}{colon}{path}"


METER = replace(
    WORD, expected="the name of a meter", read=_meter, forms="; --list_meters shows them"
)


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """How carefully to measure.

    Attributes:
        batch_size: Images per run of the network.
        repeats: Minimum number of load periods; a slow sensor may allow fewer.
        time_limit_s: Limit of a whole profile. It ends then even if the target is not reached,
            with a flag; but the time that the sensor needs for one value is always spent.
        load_s: Minimum seconds of steady load under a power meter, within the time limit.
        target_error: Standard error of the mean to reach, relative to the mean.
        meter: A meter's name, or `auto`.

    Raises:
        UserError: A value is out of range; one line per value.
    """

    batch_size: int | None = field(
        default=None,
        metadata=setting(COUNT, "N", "batch size for measuring", unset="the script's"),
    )
    repeats: int = field(default=8, metadata=setting(COUNT, "N", "minimum number of load periods"))
    time_limit_s: float | None = field(
        default=None,
        metadata=setting(
            SECONDS,
            "T",
            "time limit for measuring one network",
            unset=f"{LIMIT_S:g} s with power or energy, {LIMIT_TIME_ONLY_S:g} s without",
        ),
    )
    load_s: float = field(default=5.0, metadata=setting(SECONDS))
    target_error: float = field(
        default=0.02,
        metadata=setting(FRACTION, "E", "stop when the relative standard error is below E"),
    )
    meter: str = field(
        default="auto", metadata=setting(METER, "NAME", "source of power and energy readings")
    )

    def __post_init__(self) -> None:
        values = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        faults = [
            f"profile_{entry.name}: got {values[entry.name]!r}; expected {entry.kind.expected}"
            for entry in wrong(settings_of(self), values)
        ]
        if faults:
            raise UserError("\n".join(faults))

    def limit_s(self, with_power: bool) -> float:
        """Seconds for a whole profile.

        Args:
            with_power: Whether power or energy is measured, or only time and memory.
        """
        return self.time_limit_s or (LIMIT_S if with_power else LIMIT_TIME_ONLY_S)

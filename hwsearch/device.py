"""Which device a job runs on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """A processor that networks run on.

    Attributes:
        kind: `cpu` or `gpu`.
        name: by its maker.
        uuid: `GPU-...`; "" for a CPU.
        index: position in NVML's and nvidia-smi's order (PCI bus order); 0 for a CPU.
    """

    kind: str
    name: str
    uuid: str = ""
    index: int = 0

    def __str__(self) -> str:
        return f"{self.name} ({self.uuid or self.kind})"

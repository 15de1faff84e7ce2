"""Power, energy and memory of devices: one source of truth a file, behind `protocol.Meter`."""

"""The one owner of the format of `measurements`, the part of a job's document with its results.

`Measurements` is the record; `to_json` writes it and `from_json` reads it, also from documents of
older versions. Documents may have been edited by others: `from_json` never fails, and a value of
the wrong kind counts as unknown. An unknown number is NaN in the records and null in JSON.
"""

from __future__ import annotations

from hwsearch.measurements.fold import Fold
from hwsearch.measurements.profile import Flag, Latency, ProfileRecord
from hwsearch.measurements.quantity import Quantity
from hwsearch.measurements.record import Measurements, Outcome

__all__ = ["Flag", "Fold", "Latency", "Measurements", "Outcome", "ProfileRecord", "Quantity"]

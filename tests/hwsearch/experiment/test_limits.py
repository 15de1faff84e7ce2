from __future__ import annotations

from hwsearch.command_line.setting import settings_of
from hwsearch.experiment.limits import Limits
from hwsearch.experiment.placement import Place
from hwsearch.experiment.settings import Settings


def test_all_limits_and_places_are_settings_of_a_run() -> None:
    known = settings_of(Settings)
    for record in (Limits, Place):
        assert {name: known[name] for name in settings_of(record)} == settings_of(record)


def test_a_run_is_unlimited_by_default() -> None:
    assert all(entry.default is None for entry in settings_of(Limits).values())

"""The note about a bound that excludes nothing, while a run is on its way."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.launch.watching.bound_watch import BoundWatch

PATIENCE_S = 240.0
ENERGY = Settings("run", "error", {"energy": 90.0})


class Growing:
    """Results that grow by one job at each look; the database is away at the first."""

    address = "a database"

    def __init__(self, cost: float, enough: int) -> None:
        self.cost = cost
        self.enough = enough
        self.looks = 0
        self.seen = threading.Event()

    def runs(self, *, create: bool) -> set[str]:
        raise NotImplementedError

    def jobs(self, run: str) -> list[dict[str, Any]]:
        assert run == "run"
        self.looks += 1
        if self.looks == 1:
            raise UserError("the database is away")
        if self.looks >= self.enough:
            self.seen.set()
        values = {"error": 5.0, "energy": 90.0 - self.cost}
        return [
            {"id": number, "status": "complete", "values": values}
            for number in range(1, self.looks)
        ]


def watched(results: Growing) -> None:
    watch = BoundWatch(ENERGY, results, first_s=0.01)
    with watch:
        assert results.seen.wait(PATIENCE_S)
        watch._thread.join(PATIENCE_S)  # it ends by itself
        assert not watch._thread.is_alive()


def test_the_note_comes_once_with_the_third_network(capsys: pytest.CaptureFixture[str]) -> None:
    results = Growing(0.001, 4)
    watched(results)
    assert results.looks == 4
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("note: energy: the largest of 3 networks has 1 mJ/image, less than")


def test_a_network_near_the_bound_ends_the_looking(capsys: pytest.CaptureFixture[str]) -> None:
    results = Growing(80.0, 2)
    watched(results)
    assert (results.looks, capsys.readouterr().out) == (2, "")


@pytest.mark.parametrize(
    ("settings", "results"),
    [(ENERGY, None), (Settings("run", "runtime", {"error": 5.0}), Growing(0.1, 1))],
)
def test_nothing_to_look_at(settings: Settings, results: Growing | None) -> None:
    with BoundWatch(settings, results, first_s=0.0) as watch:
        if watch._thread.is_alive():
            watch._thread.join(PATIENCE_S)
    assert results is None or results.looks == 0


def test_a_run_that_ends_first_is_not_held_up() -> None:
    with BoundWatch(ENERGY, Growing(0.1, 1), first_s=900.0) as watch:
        pass
    assert not watch._thread.is_alive()

"""Models that cannot be saved; test_loading saves and loads real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.network.saving import Origin, Saved, save
from hwsearch.network.way_to_load import Loading


class Model:
    """Writes a part of a file before it fails, as on a full disk."""

    def __init__(self, saves_weights: bool) -> None:
        self.saves_weights = saves_weights

    def save(self, path: str) -> None:
        Path(path).write_text("a part")
        raise OSError("No space left on device\nat all")

    def save_weights(self, path: str) -> None:
        Path(path).write_text("weights")
        if not self.saves_weights:
            raise NotImplementedError("get_config")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "best.keras", tmp_path / "best.weights.h5"


def test_weights_are_left_if_the_model_cannot_be_saved(places: tuple[Path, Path]) -> None:
    whole, weights = places
    saved = save(Model(saves_weights=True), whole, weights, Origin(whole.parent))
    assert (saved.model, saved.weights, saved.loading) == (None, weights, Loading.SCRIPT)
    assert "No space left on device" in saved.fault
    assert "\n" not in saved.fault
    assert [path.name for path in whole.parent.iterdir()] == [weights.name]


def test_no_file_is_left_if_nothing_can_be_saved(places: tuple[Path, Path]) -> None:
    whole, weights = places
    saved = save(Model(saves_weights=False), whole, weights, Origin(whole.parent))
    assert saved == Saved(None, None, None, saved.fault)
    assert saved.fault
    assert not list(whole.parent.iterdir())

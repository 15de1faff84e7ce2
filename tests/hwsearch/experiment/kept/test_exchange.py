"""A folder takes the place of another."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hwsearch.experiment.kept import exchange
from hwsearch.experiment.kept.exchange import put_in_place


@pytest.fixture(params=["exchange", "two renamings"])
def folders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A new folder and the place of the former one, also as on a file system without exchange."""
    if request.param == "two renamings":

        def unsupported(_one: Path, _other: Path) -> None:
            raise OSError(errno.EINVAL, "as NFS answers")

        monkeypatch.setattr(exchange, "_exchange", unsupported)
    for name in (".new", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path / ".new", tmp_path / "place"


def test_the_former_folder_is_put_aside(folders) -> None:
    new, place = folders
    aside = put_in_place(new, place)
    assert (place / "file").read_text() == ".new"
    assert aside is not None
    assert (aside / "file").read_text() == "place"
    assert aside.name in (".new", ".new-former")


def test_a_free_place_is_taken(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert put_in_place(tmp_path / "new", tmp_path / "place") is None
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_a_folder_that_cannot_be_moved_leaves_the_former_one(folders) -> None:
    _, place = folders
    with pytest.raises(OSError, match="No such file"):
        put_in_place(place.with_name("lost"), place)
    assert (place / "file").read_text() == "place"

"""The folder of a kept network: complete or absent, and without harm to files of others."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.experiment.kept.folder import RECORD, KeptFolder
from tests.disks import fill, small_disk
from tests.hwsearch.experiment.kept.samples import network

ROOT = Path(__file__).resolve().parents[4]
FILES = {"model.keras": b"model", "parts/norm.py": b"import keras"}


def test_a_network_replaces_the_one_before(tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    assert folder.network() is None
    for job in (1, 2):
        (tmp_path / "weights").write_text(f"weights {job}")
        folder.replace(network(job), {**FILES, "w": tmp_path / "weights", f"{job}.py": b""})
        assert folder.network() == network(job)
        (tmp_path / "weights").unlink()
    names = {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")}
    assert names == {RECORD, "model.keras", "parts", "parts/norm.py", "w", "2.py"}
    assert (folder.path / "w").read_text() == "weights 2"
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_files_of_the_user_stay(tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    folder.replace(network(1), FILES)
    (folder.path / "mine.txt").write_text("mine")
    (folder.path / "parts" / "mine.txt").write_text("mine")
    (folder.path / "__pycache__").mkdir()
    (folder.path / "__pycache__" / "mine.cpython-312.pyc").write_text("")
    (folder.path / "parts" / "__pycache__").mkdir()
    (folder.path / "parts" / "__pycache__" / "norm.cpython-312.pyc").write_text("")
    folder.replace(network(2), {"model.keras": b"2"})
    names = {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")}
    own = {"mine.txt", "parts", "parts/mine.txt", "__pycache__", "__pycache__/mine.cpython-312.pyc"}
    assert names == own | {RECORD, "model.keras"}
    folder.remove()
    names = {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")}
    assert names == own
    folder.remove()  # which is not ours any more
    assert {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")} == own


def test_files_of_the_user_stay_beside_modules_that_are_replaced(tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    folder.replace(network(1), FILES)
    (folder.path / "parts" / "mine.txt").write_text("mine")
    (folder.path / "parts" / "data").mkdir()
    (folder.path / "parts" / "data" / RECORD).write_text("mine")
    folder.replace(network(2), FILES)
    names = {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*")}
    mine = {"parts/mine.txt", "parts/data", f"parts/data/{RECORD}"}
    assert names == mine | {RECORD, "model.keras", "parts", "parts/norm.py"}
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


@pytest.mark.parametrize("what", ["file", "folder", "link", "another run"])
def test_what_is_not_of_this_run_is_left_alone(what: str, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "best", tmp_path / "elsewhere"
    if what == "file":
        place.write_text("mine")
    elif what == "folder":
        place.mkdir()
        (place / RECORD).write_text("{}")
    elif what == "link":
        KeptFolder(elsewhere).replace(network(1), FILES)
        place.symlink_to(elsewhere)
    else:
        other = network(1)
        KeptFolder(place).replace(type(other)("former", 1, "error", 2.0), FILES)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileExistsError, match="this run did not write"):
        KeptFolder(place).replace(network(2), FILES)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["../mine", "/etc/nothing", 7])
def test_a_record_never_names_files_elsewhere(name: object, tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    folder.replace(network(1), FILES)
    (tmp_path / "mine").write_text("mine")
    text = (folder.path / RECORD).read_text()
    (folder.path / RECORD).write_text(text.replace('"model.keras"', repr(name).replace("'", '"')))
    folder.remove()
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_full_disk_leaves_the_former_network(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        folder = KeptFolder(disk / "best")
        folder.replace(network(1), {"model.keras": b"model 1"})
        filler = fill(disk)
        with pytest.raises(OSError, match="No space"):
            folder.replace(network(2), {"model.keras": b"x" * 100_000})
        assert folder.network() == network(1)
        assert sorted(path.name for path in disk.iterdir()) == ["best", "filler"]
        filler.unlink()


CHANGES = """
import errno, sys
from pathlib import Path
from hwsearch.experiment.kept import exchange
from hwsearch.experiment.kept.folder import KeptFolder
from tests.hwsearch.experiment.kept.samples import network
def unsupported(one, other):
    raise OSError(errno.EINVAL, "")
if sys.argv[2] == "two renamings":
    exchange._exchange = unsupported
job, folder = 0, KeptFolder(Path(sys.argv[1]))
while True:
    job += 1
    folder.tidy("run")
    folder.replace(network(job), {"a": b"%d" % job, "b/c": b"%d" % job})
    print(job, flush=True)
"""


@pytest.mark.parametrize("how", ["exchange", "two renamings"])
def test_a_kill_at_any_time_leaves_a_whole_folder(how: str, tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    chance = random.Random(1)
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", CHANGES, str(folder.path), how],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 40)):
                process.stdout.readline()
            process.kill()
        if how == "two renamings":
            folder.tidy("run")
        found = folder.network()
        assert found is not None
        texts = {(folder.path / name).read_text() for name in ("a", "b/c")}
        assert texts == {str(found.job)}
    folder.tidy("run")
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_only_our_own_leftovers_are_removed(tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    KeptFolder(tmp_path / ".best-0123abcd").replace(network(1), FILES)
    (tmp_path / ".best-0123abcd" / "mine.txt").write_text("mine")
    (tmp_path / ".best-11111111").mkdir()
    (tmp_path / ".best-22222222").mkdir()
    (tmp_path / ".best-22222222" / "mine.txt").write_text("mine too")
    for name in ("33333333", "44444444"):  # the process was killed when it had opened the record
        (tmp_path / f".best-{name}").mkdir()
        (tmp_path / f".best-{name}" / RECORD).write_text("")
    (tmp_path / ".best-44444444" / "mine.txt").write_text("mine as well")
    (tmp_path / ".best-of-all").mkdir()
    folder.replace(network(2), FILES)
    folder.tidy("run")
    assert (folder.path / "mine.txt").read_text() == "mine"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".best-22222222", ".best-44444444", ".best-of-all", "best"]


def test_a_folder_that_was_taken_away_returns_to_its_run_only(tmp_path: Path) -> None:
    folder = KeptFolder(tmp_path / "best")
    aside = KeptFolder(tmp_path / ".best-0123abcd-former")
    aside.replace(network(1), FILES)
    folder.tidy("run")
    assert folder.network() == network(1)
    folder.path.rename(aside.path)
    folder.tidy("another run")
    assert not list(tmp_path.iterdir())

"""The files of paused trainings: complete, bounded, and removed."""

from __future__ import annotations

import os

import pytest

from hwsearch.pausing.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "paused", 100)


def keep(store, job_id, size, age=0):
    assert store.keep(job_id, bytes(size))
    os.utime(store.path(job_id), (1e9 - age, 1e9 - age))


def kept(store):
    return sorted(path.name for path in store.folder.iterdir())


def test_the_oldest_go_if_there_are_too_many_bytes(store):
    keep(store, 1, 40, age=1)
    keep(store, 2, 40, age=3)
    keep(store, 3, 20, age=2)
    assert kept(store) == ["00000001.state", "00000002.state", "00000003.state"]
    keep(store, 4, 50)
    assert kept(store) == ["00000001.state", "00000004.state"]


def test_a_job_replaces_its_own_file(store):
    keep(store, 1, 60, age=5)
    keep(store, 2, 40)
    keep(store, 1, 60)
    assert kept(store) == ["00000001.state", "00000002.state"]


def test_what_is_too_large_is_not_kept(store):
    keep(store, 1, 60)
    assert not store.keep(2, bytes(101))
    assert kept(store) == ["00000001.state"]


def test_what_a_killed_process_has_left_goes(store):
    keep(store, 1, 60)
    (store.folder / ".00000001.state.0a1b2c3d.tmp").write_bytes(b"")
    keep(store, 1, 60)
    assert kept(store) == ["00000001.state"]


def test_only_its_own_files_are_removed(store):
    keep(store, 1, 10)
    keep(store, 2, 10)
    (store.folder / ".00000002.state.0a1b2c3d.tmp").write_bytes(b"")
    store.forget(1)
    store.forget(1)
    assert not store.path(1).exists()
    (store.folder / "notes.txt").write_text("of the user")
    store.clear()
    assert kept(store) == ["notes.txt"]
    (store.folder / "notes.txt").unlink()
    store.clear()
    store.clear()
    assert not store.folder.exists()

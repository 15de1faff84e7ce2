from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.faults.kinds import full_disk


def test_a_full_disk_has_no_byte_left_until_it_is_emptied(tmp_path: Path) -> None:
    if why := full_disk.unavailable(tmp_path / "mountable"):
        pytest.skip(why)
    with full_disk.small_disk(tmp_path / "disk") as disk:
        full_disk.fill(disk / "filler")
        full_disk.fill(disk / "filler")
        with pytest.raises(OSError, match="No space left"):
            (disk / "more").write_bytes(b"1")
        (disk / "filler").unlink()
        (disk / "more").write_bytes(b"1")
    assert not list((tmp_path / "disk").iterdir())

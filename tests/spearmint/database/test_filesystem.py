from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.database.filesystem import network_file_system

MOUNTS = r"""rootfs / rootfs rw 0 0
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local\040disk ext4 rw 0 0
//nas/x /mnt/nas cifs rw 0 0
user@h: /mnt/ssh fuse.sshfs rw 0 0
odd line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp/x", None),
        ("/", None),
        ("/home/me/x", "nfs4"),
        ("/homes/x", None),
        ("/home/local disk/x", None),
        ("/mnt/nas/a/b", "cifs"),
        ("/mnt/ssh/a", "fuse.sshfs"),
    ],
)
def test_network_file_system(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(path), mounts) == kind


def test_network_file_system_unknown(tmp_path: Path) -> None:
    assert network_file_system(Path("/tmp/x"), tmp_path / "no such file") is None
    assert network_file_system(tmp_path) is None

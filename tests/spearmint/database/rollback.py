"""SQLite databases as on a network file system, in whichever process opens them."""

from __future__ import annotations

from unittest import mock

from spearmint.database import Database, connect, sqlite_file

patch = mock.patch.object(sqlite_file, "network_file_system", return_value="nfs4")


def connect_with_rollback_journal(address: str) -> Database:
    patch.stop()
    patch.start()
    return connect(address)

"""What the flags ask for."""

from __future__ import annotations

from hwsearch.launch.command.request import Request


def test_only_profiles() -> None:
    assert Request("dir", profile=3).only_profiles
    assert not Request("dir").only_profiles
    assert not Request("dir", profile=3, given={"optimize": "error"}).only_profiles
    assert not Request("dir", profile=3, resume=True).only_profiles


def test_what_is_optimised() -> None:
    assert Request("dir").optimised == ()
    given = {"optimize": "error", "further_objectives": {"power": False}}
    assert Request("dir", given=given).optimised == ("error", "power")

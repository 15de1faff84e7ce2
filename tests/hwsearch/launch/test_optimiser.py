"""Which optimiser is started, and how."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.launch.optimiser import ROOT, Optimiser


def results(document: Any, experiment: Any) -> Any:
    return None


def test_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPEARMINT_ROOT", raising=False)
    chosen = Optimiser.chosen(results)
    assert chosen.ours
    assert chosen.default_database.startswith("sqlite:")
    main = str(ROOT / "spearmint" / "main.py")
    folder = Path("DIR")
    assert chosen.command(folder, debug=True) == [
        sys.executable,
        main,
        "--events",
        "--debug",
        "DIR",
    ]
    again = chosen.command(folder, debug=False, retry_broken=True)
    assert again == [sys.executable, main, "--events", "--retry-broken", "DIR"]
    (tmp_path / "link").symlink_to(ROOT)
    monkeypatch.setenv("SPEARMINT_ROOT", str(tmp_path / "link"))
    assert Optimiser.chosen(results).ours


def test_another_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPEARMINT_ROOT", str(tmp_path))
    with pytest.raises(UserError, match=f"SPEARMINT_ROOT: got '{tmp_path}'; expected a folder wit"):
        Optimiser.chosen(results)
    main = tmp_path / "spearmint" / "main.py"
    main.parent.mkdir()
    main.touch()
    chosen = Optimiser.chosen(results)
    assert not chosen.ours
    assert chosen.default_database == "localhost"
    assert chosen.command(Path("DIR"), debug=True) == [sys.executable, str(main), "DIR"]
    chosen.check_method(Settings("a", "error"))
    with pytest.raises(UserError, match="--method: got 'hw_ieci' with SPEARMINT_ROOT"):
        chosen.check_method(Settings("a", "error", method="hw_ieci"))
    with pytest.raises(UserError, match="--unaware: given with SPEARMINT_ROOT"):
        chosen.check_method(Settings("a", "error", unaware=True))
    with pytest.raises(UserError, match="--per_second: given with SPEARMINT_ROOT"):
        chosen.check_method(Settings("a", "error", per_second=True))


def test_networks_per_second_need_a_method_that_rates_them() -> None:
    ours = Optimiser.chosen(results)
    ours.check_method(Settings("a", "error", per_second=True, method="hw_ieci"))
    text = "--per_second: given with --method random_walk, .*; expected --method auto or hw_ieci"
    with pytest.raises(UserError, match=text):
        ours.check_method(Settings("a", "error", per_second=True, method="random_walk"))

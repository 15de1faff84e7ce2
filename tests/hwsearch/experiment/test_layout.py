from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.experiment.layout import Layout


def test_paths(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert layout.template == tmp_path / "keras_model/network_def.py"
    assert layout.rendered(7) == tmp_path / "tmp/00000007_keras_net.py"
    assert layout.output_dir == tmp_path / "spearmint/output"


def test_relative_folders_are_kept_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Layout("a/../b").folder == tmp_path / "b"

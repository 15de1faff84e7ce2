from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from spearmint.control.search_lock import searched, unused
from spearmint.errors import UserError
from tests.spearmint.objectives import WAITING


def test_controllers_share_it(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.touch()
    in_use = re.escape(f"{path}: a search of it is running")
    with searched(path), searched(path), pytest.raises(UserError, match=in_use), unused(path):
        pass
    being_removed = re.escape("cleanup.sh is removing its results")
    with unused(path), pytest.raises(UserError, match=being_removed), searched(path):
        pass
    with searched(path):
        pass


def test_a_file_that_cannot_be_locked_is_not_in_use(tmp_path: Path) -> None:
    with searched(tmp_path / "none"), unused(tmp_path / "none"):
        pass


def test_a_controller_holds_it(experiment: Any) -> None:
    one = experiment(WAITING, max_finished_jobs=1)
    path = one.folder / "config.json"
    child = one.start()
    one.wait_for((one.folder / "began 1").exists)
    with pytest.raises(UserError), unused(path):
        pass
    (one.folder / "go").touch()
    one.finish(child)
    with unused(path):
        pass

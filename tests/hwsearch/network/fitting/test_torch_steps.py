"""Steps of torch's own optimisers; with torch, in tests/backends."""

from __future__ import annotations

import sys

from hwsearch.network.fitting import torch_steps


def test_scripts_without_torch_do_not_import_it(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    script = tmp_path / "net.py"
    script.write_text("import keras\n# import torch\n")
    called: list[int] = []
    with torch_steps.before_each(lambda: called.append(1), script):
        assert "torch" not in sys.modules
    assert not called

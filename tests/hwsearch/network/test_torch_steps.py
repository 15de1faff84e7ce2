"""Steps of torch's own optimisers."""

from __future__ import annotations

import pytest

from hwsearch.network import torch_steps


def test_scripts_without_torch_do_not_import_it(tmp_path, monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "torch", raising=False)
    script = tmp_path / "net.py"
    script.write_text("import keras\n# import torch\n")
    called: list[int] = []
    with torch_steps.before_each(lambda: called.append(1), script):
        assert "torch" not in __import__("sys").modules
    assert not called


def test_steps_are_observed_while_it_is_open(tmp_path):
    torch = pytest.importorskip("torch")
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.grad = torch.ones(1)
    called: list[float] = []
    script = tmp_path / "net.py"
    script.write_text("import torch\n")
    with torch_steps.before_each(lambda: called.append(float(weight)), script):
        optimizer.step()
    optimizer.step()
    assert called == [1.0]

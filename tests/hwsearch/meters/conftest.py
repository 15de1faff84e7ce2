"""Fixtures of all meters' tests."""

from __future__ import annotations

import pytest

from tests.hwsearch.meters.stand_ins import FakeNvml, Player


@pytest.fixture
def fake_nvml():
    """The class: fake_nvml(gpu, gpu, ...)."""
    return FakeNvml


@pytest.fixture
def player(tmp_path, monkeypatch):
    """Plays nvidia-smi; at the end none may be running."""
    fake = Player(tmp_path, monkeypatch)
    yield fake
    assert not fake.running(), "an nvidia-smi was left behind"

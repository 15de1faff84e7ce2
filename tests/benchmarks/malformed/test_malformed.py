"""A sample of the malformed files; the whole is run by hand (benchmarks/malformed/README.md)."""

from __future__ import annotations

import random

import pytest

from benchmarks.malformed import inputs, run


@pytest.mark.parametrize("document", inputs.TEMPLATES)
def test_what_is_changed_was_valid_as_a_template(document: bytes) -> None:
    run.read_template(document)


@pytest.mark.parametrize("document", inputs.CONFIGS)
def test_what_is_changed_was_valid_as_a_config(document: dict) -> None:
    run.read_config(inputs.dumped(random.Random(1), document))


def test_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--count", "1200", "--seed", "42"]) == 0
    assert "exceptions other than UserError: 0" in capsys.readouterr().out


def test_inputs_depend_on_the_seed_alone() -> None:
    for _, make, _ in run.KINDS:
        assert make(random.Random("0/1")) == make(random.Random("0/1"))
        assert len({make(random.Random(f"0/{number}")) for number in range(50)}) > 30


def test_any_other_exception_is_counted_and_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path
) -> None:
    def broken(raw: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(run, "KINDS", [("broken", lambda rng: b"raw", broken)])
    assert run.main(["--count", "2", "--failures", str(tmp_path / "kept")]) == 1
    assert (tmp_path / "kept" / "1.txt").read_bytes() == b"raw"
    assert "exceptions other than UserError: 2" in capsys.readouterr().out

"""Predicted costs in words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hwsearch.predict.statement import _price, statement
from hwsearch.predicting.hardware_model import HardwareModel
from tests.hwsearch.predicting.samples import records


@pytest.fixture(scope="module")
def text():
    found = records(12, noise=0.02)
    return statement(HardwareModel.fit(found), found[0].structure, {"params": 1234.0})


def test_counted_and_predicted_costs(text):
    lines = text.splitlines()
    assert lines[0].startswith("counted: 1,234 parameters, ")
    assert lines[1] == (
        "predicted for A Processor @ 2 GHz with tensorflow, in batches of 32 images:"
    )
    assert re.search(
        r"^power: [\d.]+ W, with 90 % probability [\d.]+ to [\d.]+ W ", text, re.MULTILINE
    )
    assert re.search(
        r"^runtime: [\d.]+ [µm]s/image, with 90 % probability [\d.]+ to [\d.]+ [µm]s/image "
        r"\(non-negative, error \d+\.\d % in 12 networks\)$",
        text,
        re.MULTILINE,
    )
    assert lines[-1].endswith("of 12 profiles")


def test_batches_that_no_profile_is_of_are_noted(text):
    assert "note:" not in text
    found = records(12, noise=0.02)
    other = replace(found[0].structure, batch=256.0)
    assert (
        "note: all profiles are of batches of 32 images; with 256, the costs may lie outside these "
        "intervals\n"
    ) in statement(HardwareModel.fit(found), other, {})


@pytest.mark.parametrize("count", [0, 4])
def test_what_other_templates_contribute(count):
    model = HardwareModel.fit(records(count, noise=0.2), {"cifar": records(8, seed=1)})
    text = statement(model, records(1, seed=2)[0].structure, {})
    basis = {
        0: r"from 8 networks of other templates, 0 of this one",
        4: r"error \d+\.\d % in 4 networks, and 8 of other templates",
    }[count]
    assert re.search(
        rf"^runtime: .* \(non-negative \+ other templates, {basis}\)$", text, re.MULTILINE
    )
    assert text.endswith(f"of {count} profiles of this template, 8 of cifar")


def test_what_a_cost_consists_of(text):
    [parts] = re.findall(r"^runtime.*\n  (.*)$", text, re.MULTILINE)
    shares = [float(share) for share in re.findall(r"(\d+) %", parts)]
    assert shares == sorted(shares, reverse=True)
    assert 90 <= sum(shares) <= 101
    assert re.search(r"MACs of convolutions, [\d.]+ ns per MAC", parts)


def test_prices_of_memory_are_in_bytes():
    assert _price("memory", "calls of layers", 116_000 / 2**30) == ", 116,000 bytes per call"
    assert _price("memory", "bytes of weights", 1.2345 / 2**30) == ", 1.23 bytes per byte"
    assert _price("memory", "networks", 1.0) == ""

"""HYPERPARAMs that the tests of templates share."""

from __future__ import annotations

import json

LR = 'HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}'


def entry(token: str = "a", kind: str = "INT", **fields: object) -> str:
    """A HYPERPARAM with the range 1..5, unless `fields` say otherwise."""
    if kind != "ENUM":
        fields = {"min": 1, "max": 5} | fields
    return "HYPERPARAM" + json.dumps({"type": kind, "token": token} | fields)

"""Expressions that are computed early."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from hwsearch.network.program.pure_expressions import UnknownValueError, value


def of(text, own=None, **names):
    return value(ast.parse(text, mode="eval").body, names, own)


def test_pure_expressions_have_their_value():
    assert of("x[1:, None] / 2", x=np.arange(3)).tolist() == [[0.5], [1.0]]
    assert of("{'a': x, 'b': [y, len(x)]}", {"y": 2}, x="one", y=1) == {"a": "one", "b": [2, 3]}


@pytest.mark.parametrize(
    "text", ["open('x')", "x.pop()", "missing", "1 / 0", "(y := 1)", "[a for a in x]", "lambda: 1"]
)
def test_others_are_not_computed(text):
    given = [1, 2]
    with pytest.raises(UnknownValueError):
        of(text, x=given)
    assert given == [1, 2]

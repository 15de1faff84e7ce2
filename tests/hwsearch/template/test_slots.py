"""Where slots are found in a script, and how they are filled."""

from __future__ import annotations

import ast

import pytest

from hwsearch.template import Template
from hwsearch.template.python_source import Source
from hwsearch.template.slots import fill, scan
from tests.hwsearch.template.examples import LR, entry


def test_slots_share_lines_and_span_lines() -> None:
    template = Template.parse(
        f"f({entry('conv1')}, {entry('conv10')})\n"
        'x = HYPERPARAM {"type": "ENUM",\r\n  "token": "act",\n\t"options": ["relu", "elu"]} #\n'
    )
    assert list(template.variables()) == ["conv1", "conv10", "act"]
    assert template.lines == (1, 1, 2)
    rendered = template.render({"conv1": 1, "conv10": 2, "act": ["elu"]})
    assert rendered == "f(1, 2)\nx = 'elu' #\n"


@pytest.mark.parametrize(
    "ignored",
    [
        "# HYPERPARAM{",
        "'HYPERPARAM{'",
        '"HYPERPARAM{}"',
        "f'HYPERPARAM{{}}'",
        "'''\nHYPERPARAM{ ' \\''' '''",
        '"""HYPERPARAM{\n"" " \\""""',
        r"r'\' HYPERPARAM{'",
        r"rb'''\''' HYPERPARAM{'''",
        '"it\'s HYPERPARAM{"',
        "'\\\n HYPERPARAM{'",
        "'\\\r\n HYPERPARAM{'",
        "NO_HYPERPARAM, HYPERPARAMS = 1, 2",
        "éHYPERPARAM = 1",
    ],
)
def test_strings_comments_and_longer_names_are_ignored(ignored: str) -> None:
    template = Template.parse(f"{ignored}\nx = {LR}  {'#' + ignored if ignored[0] == '#' else ''}")
    assert list(template.variables()) == ["lr"]
    assert template.render({"lr": 1}).startswith(ignored + "\nx = 0.1  ")


def test_json_escapes_and_braces() -> None:
    text = (
        r'x = HYPERPARAM{"t\u0079pe": "ENUM", "token": "caf\u00e9 \/ \ud83d\ude00", '
        r'"options": ["}{", "\"\\\b\f\n\r\t", "\u0041", "HYPERPARAM{", "\u0000"]}'
    )
    template = Template.parse(text)
    assert template.hyperparameters[0].token == "café / 😀"
    options = ["}{", '"\\\b\f\n\r\t', "A", "HYPERPARAM{", "\0"]
    assert list(template.hyperparameters[0].options) == options
    for option in options:
        (statement,) = ast.parse(template.render({"café / 😀": [option]})).body
        assert isinstance(statement, ast.Assign | ast.Expr)
        assert ast.literal_eval(statement.value) == option


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("x = -{}", "x = --3"),
        ("x = 2**{}", "x = 2**-3"),
        ("x = {}**2", "x = (-3)**2"),
        ("x = ({} # so\n \\\n ** 2)", "x = ((-3) # so\n \\\n ** 2)"),
        ("x = {}.real", "x = (-3).real"),
        ("x = 1 if {}else 2", "x = 1 if (-3)else 2"),
        ("x = {} * 2", "x = -3 * 2"),
        ("x = {}", "x = -3"),
        ("x = y[{}]", "x = y[-3]"),
    ],
)
def test_parentheses_only_if_the_sign_would_be_lost(text: str, rendered: str) -> None:
    template = Template.parse(text.replace("{}", entry(min=-5, max=-1)))
    assert template.render({"a": -3}) == rendered


@pytest.mark.parametrize(
    ("after", "got"),
    [
        ("", "nothing"),
        ("\n", "nothing"),
        ("(3)", '"(3)"'),
        ("'{}'", "\"'{}'\""),
        (" = 3  # {", '"= 3  # {"'),
    ],
)
def test_a_word_without_an_object(after: str, got: str) -> None:
    found = scan(Source("x = HYPERPARAM" + after))
    assert not found.complete
    assert found.slots == []
    expected = f'got {got} after it; expected HYPERPARAM{{"type": ..., "token": ...}}'
    assert found.faults == [(1, f"HYPERPARAM: {expected}")]


def test_an_object_with_faults_has_a_slot_but_no_hyperparameter() -> None:
    found = scan(Source(f"a = {entry(min=9)}\nb = {LR}\nc = HYPERPARAM{{}}"))
    assert found.complete
    assert [slot.line for slot in found.slots] == [1, 2, 3]
    assert [slot.hyperparameter is None for slot in found.slots] == [True, False, True]
    assert found.faults[0] == (1, "hyper-parameter 'a': min: got 9; expected less than max (5)")
    assert all(text.startswith("HYPERPARAM: t") for line, text in found.faults if line == 3)


def test_a_token_is_used_only_once() -> None:
    found = scan(Source(f"x = {LR}\ny = 1\nz = {LR}\n{LR}"))
    fault = "hyper-parameter 'lr': token: already used on line 1; expected a different name"
    assert found.faults == [(3, fault), (4, fault)]


def test_fill_keeps_everything_else() -> None:
    text = f"\ta = {LR} # é\r\n{entry()}"
    assert fill(text, scan(Source(text)).slots, ["1", "(2)"]) == "\ta = 1 # é\r\n(2)"


@pytest.mark.parametrize("word", ["OPTIMIZE", "hyperparam", "HYPERPARAMS", "Optimise"])
def test_the_word_of_another_tool_is_named(word: str) -> None:
    found = scan(Source(f"# OPTIMIZE{{}}\nx = {LR}\ny = {word} {{'a': 1}}\n{word} = 3\n"))
    assert found.faults == [(3, f"got {word}{{...}}; expected HYPERPARAM{{...}}")]
    assert not found.complete


def test_options_become_python() -> None:
    text = (
        "f(HYPERPARAM{'type': 'ENUM', 'token': 'a', 'options': [keras.layers.ReLU, None, [1]]}())"
    )
    template = Template.parse(text)
    rendered = [template.render({"a": [option]}) for option in template.hyperparameters[0].options]
    assert rendered == ["f(keras.layers.ReLU())", "f(None())", "f([1]())"]

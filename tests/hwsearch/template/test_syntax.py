"""Templates that are not Python once their values are filled in."""

from __future__ import annotations

import pytest

from hwsearch.template import Template, TemplateError
from hwsearch.template.python_source import Source
from hwsearch.template.slots import scan
from hwsearch.template.syntax import syntax_fault
from tests.hwsearch.template.examples import LR, entry


def fault(text: str) -> tuple[int, str] | None:
    return syntax_fault(text, scan(Source(text)).slots)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1.{}",
        "x = y.{}",
        "{} = 1",
        "x {}",
        "x = 1{}",
        "x = {}abc",
        "x = 'a' {}",
        "x = {} {}",
        "x = f'{{}}'\ny = {}",
        "x = '{}\ny = {}",
        "return {}",
    ],
)
def test_places_where_python_allows_no_value(text: str) -> None:
    script = text.replace("{}", LR, 1).replace("{}", LR.replace('"lr"', '"b"'))
    with pytest.raises(TemplateError, match=r"(got invalid Python after|got no HYPERPARAM)"):
        Template.parse(script)


def test_the_line_is_that_of_the_filled_script() -> None:
    text = 'x = HYPERPARAM{"type": "INT",\n"token": "a", "min": 1,\n"max": 2}\ny = = 1\n'
    assert fault(text) == (2, "got invalid Python after the values are filled in: invalid syntax")


def test_every_kind_of_option_is_tried() -> None:
    assert fault(f"x = {entry(kind='ENUM', options=[1, 'a'])}") is None
    # A number and a string: only the string makes it invalid.
    text = f"x = 1 {{}} {entry(kind='ENUM', options=[-1, 'a'])}"
    assert fault(text.replace("{}", "")) is not None
    assert fault(text.replace("{}", "+")) is None


def test_a_word_in_a_string_gets_a_hint() -> None:
    found = fault("x = 1\ny = f'{" + LR + "}'\nz = " + LR)
    assert found is not None
    line, text = found
    assert line == 2
    assert text.endswith("; HYPERPARAM is not replaced inside strings: expected it outside")


def test_a_lone_surrogate() -> None:
    assert fault("x = 1\ny = '\ud800'\n") == (
        2,
        "got invalid Python after the values are filled in: a lone surrogate",
    )


@pytest.mark.parametrize("command", ["%matplotlib inline", "!pip install keras", "%%time"])
def test_a_command_of_notebooks_is_named(command: str) -> None:
    found = fault(f"import keras\n{command}\nx = {LR}\n")
    text = f"got {command!r}, a command of notebooks; expected Python: remove the line"
    assert found == (2, text)


def test_the_lines_of_other_commands_are_named_too() -> None:
    found = fault("!pip install keras\nx = 5 \\\n  % 3\n  %time x\n?x\n!ls\n")
    assert found is not None
    assert found[0] == 1
    assert found[1].endswith("expected Python: remove the line; also line 4, line 6")

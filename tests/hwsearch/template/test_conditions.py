"""Conditional hyper-parameters of a template."""

from __future__ import annotations

import pytest

from hwsearch.template import Template, TemplateError
from tests.hwsearch.template.examples import entry

LAYERS = entry("layers", max=3, default=1)
RATE = entry("rate", "INT", transform="NEGEXP10")


def faults(*entries: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        Template.parse("\n".join(f"x = {text}" for text in entries), "net.py")
    return caught.value.faults


def test_conditions_in_the_scripts_values_become_the_optimisers() -> None:
    template = Template.parse(
        f"f({entry('a', when={'rate': [0.1, 0.0010], 'act': None})}, {RATE},"
        f"{entry('act', 'ENUM', options=['relu', None, [1]])}, {entry('b', when={'act': [[1]]})})"
    )
    variables = template.variables()
    assert variables["a"]["when"] == {"rate": [1, 3], "act": [None]}
    assert variables["b"]["when"] == {"act": [[1]]}
    assert "when" not in variables["act"]


def test_only_what_matters_is_shown() -> None:
    template = Template.parse(
        f"f({entry('deep', when={'units': [4, 5]})}, {LAYERS},"
        f"{entry('units', when={'layers': [2, 3]})}, {entry('slow', when={'rate': 0.001})}, {RATE})"
    )
    params = {"deep": 1, "layers": 1, "units": 5, "slow": 1, "rate": 3}
    assert template.active_values(params) == {"layers": 1, "slow": 1, "rate": 0.001}
    assert list(template.active_values(params | {"layers": 2})) == [
        "deep", "layers", "units", "slow", "rate",
    ]  # fmt: skip
    # The script gets a value in any case.
    assert template.render(params) == "f(1, 1,5, 1, 0.001)"


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ({"layer": 2}, 'got "layer"; expected the token of another hyper-parameter; did you'),
        ({"a": 2}, 'got "a"; expected the token of another hyper-parameter'),
        ({"layers": 4}, "'layers': got 4; expected a whole number in 1..3"),
        ({"layers": [2, "3"]}, "'layers': got \"3\"; expected a whole number in 1..3"),
        ({"layers": []}, "'layers': got []; expected a value, or a list of values"),
        ({"rate": 3}, "'rate': got 3; expected a number in 1e-05..0.1, as the script gets it"),
        ({"mix": 0.5}, "'mix': got a FLOAT without a step; expected an INT or ENUM"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_one_line(when: dict[str, object], fault: str) -> None:
    mix = entry("mix", "FLOAT", min=0, max=1)
    (found,) = faults(LAYERS, RATE, mix, entry("a", when=when))
    assert found.startswith(f"net.py:4: hyper-parameter 'a': when: {fault}")


def test_a_circle_is_one_line() -> None:
    a, b, c = (entry(x, when={y: 1}) for x, y in ("ab", "bc", "ca"))
    (found,) = faults(a, b, c)
    assert found.endswith("expected conditions that do not lead in a circle")
    assert found.count("' on '") == 3


def test_a_condition_on_a_faulty_hyperparameter_is_not_a_second_fault() -> None:
    (found,) = faults(entry("a", when={"b": 3}), entry("b", min=9))
    assert "hyper-parameter 'b': min: got 9" in found

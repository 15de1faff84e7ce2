"""Points of `--enqueue`: read from files, compared with a template, handed to the optimiser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment.first_points import ENQUEUE, checked, for_config
from hwsearch.template import Template

TEXT = """\
units = HYPERPARAM{"type": "INT", "token": "units", "min": 16, "max": 512}
rate = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5, "default": 0.001}
act = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "17", 17, true, null, [3, 5]], "default": "relu"}
drop = HYPERPARAM{"type": "FLOAT", "token": "drop", "min": 0, "max": 0.5, "when": {"act": "relu"}}
"""  # noqa: E501
TEMPLATE = Template.parse(TEXT)


def points(folder: Path, text: str) -> list[dict[str, Any]]:
    """The points of a file with this text, checked."""
    file = folder / "points"
    file.write_text(text, encoding="utf-8")
    found = checked(ENQUEUE.from_text(str(file)), TEMPLATE)
    return [{**point, "place": point["place"].rpartition(":")[2]} for point in found]


def faults(folder: Path, text: str) -> list[str]:
    """One line per fault, without the folder."""
    with pytest.raises(UserError) as caught:
        points(folder, text)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "units,lr,act,drop\n64,1e-2,relu,.25\n\n128,,17,\n",
        '\ufeffunits, lr, act, drop\r\n64, 0.01, "relu", 0.25\r\n,,,\r\n128.0, , "17"\r\n',
        '[{"units": 64, "lr": 0.01, "act": "relu", "drop": 0.25},\n\n {"units": 128, "act": "17"}]',
    ],
)
def test_points_in_the_scripts_values(tmp_path: Path, text: str) -> None:
    first, second = points(tmp_path, text)
    assert first["values"] == {"units": 64, "lr": 0.01, "act": "relu", "drop": 0.25}
    assert second["values"] == {"units": 128, "act": "17"}
    assert isinstance(second["values"]["units"], int)
    assert second["place"] in {"3", "4"}


@pytest.mark.parametrize(
    ("cell", "option"), [("True", True), ("true", True), ("None", None), ('"[3, 5]"', [3, 5])]
)
def test_options_that_are_not_text_in_a_csv(tmp_path: Path, cell: str, option: Any) -> None:
    [point] = points(tmp_path, f"units,act\n64,{cell}\n")
    assert point["values"]["act"] == option


def test_an_option_that_is_a_list_of_another_option_is_itself(tmp_path: Path) -> None:
    text = 'units = HYPERPARAM{"type": "ENUM", "token": "units", "options": [64, [64]]}\n'
    file = tmp_path / "points"
    file.write_text('[{"units": [64]}, {"units": 64}]', encoding="utf-8")
    found = checked(ENQUEUE.from_text(str(file)), Template.parse(text))
    assert [point["values"]["units"] for point in found] == [[64], 64]


def test_all_faults_are_named_with_their_lines(tmp_path: Path) -> None:
    assert faults(tmp_path, "units,lr,drop\n1000,0.01,\n64,0.02,0.1\n\nmany,,0.6\n") == [
        "points:2: hyper-parameter 'units': got \"1000\"; expected a whole number in 16..512",
        "points:2: hyper-parameter 'drop': got nothing; expected a value, as the template has no "
        "default for it",
        "points:3: hyper-parameter 'lr': got \"0.02\"; expected what the script gets for a whole "
        "number, such as 0.1 or 0.01",
        "points:5: hyper-parameter 'units': got \"many\"; expected a whole number in 16..512",
        "points:5: hyper-parameter 'drop': got \"0.6\"; expected a number in 0.0..0.5",
    ]


def test_an_unknown_column_is_named_once(tmp_path: Path) -> None:
    assert faults(tmp_path, "unit,act\n16,17\n17,17\n") == [
        "points:1: got \"unit\"; expected the token of a hyper-parameter; did you mean 'units'?"
    ]
    [fault] = faults(tmp_path, '[{"units": 16, "act": 17},\n {"zzz": 1}]')
    assert fault == (
        'points:2: got "zzz"; expected the token of a hyper-parameter; hyper-parameters: units, '
        "lr, act, drop"
    )


def test_what_has_no_default_must_be_named_where_it_matters(tmp_path: Path) -> None:
    assert faults(tmp_path, '[{"drop": 0.1},\n {"units": 16, "act": 17}]') == [
        "points:1: hyper-parameter 'units': got nothing; expected a value, as the template has no "
        "default for it"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least one point"),
        ("units,lr\n", "at least one point"),
        ("[]", "at least one point"),
        ('{"units": 16}', "a list of points"),
        ('[{"units": 16}', "line 1 column 15"),
        ("[\n3]", "line 2: got 3"),
        ('[{"units": 16, "units": 17}]', '"units" is given twice'),
        ("units,units\n1,2\n", "the column 'units' appears twice"),
        ("units\n16,17\n", "line 2 has 2 cells, the first row has 1"),
    ],
)
def test_files_that_are_not_such(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "points"
    file.write_text(text)
    with pytest.raises(ValueError, match=why):
        ENQUEUE.from_text(str(file))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        ENQUEUE.from_text(str(tmp_path / "none.csv"))
    (tmp_path / "latin").write_bytes(b"units\n\xe4\n")
    with pytest.raises(ValueError, match="in UTF-8"):
        ENQUEUE.from_text(str(tmp_path / "latin"))


def test_the_optimiser_gets_its_own_values(tmp_path: Path) -> None:
    found = points(tmp_path, '[{"units": 64, "lr": 0.01, "act": 17}, {"units": 500, "act": true}]')
    assert for_config(found, TEMPLATE) == (
        [{"units": 64, "lr": 2, "act": 17}, {"units": 500, "act": True}],
        [],
    )
    narrower = Template.parse(TEXT.replace("512", "256"))
    assert for_config(found, narrower) == ([{"units": 64, "lr": 2, "act": 17}], ["1"])
    assert for_config(None, narrower) == ([], [])

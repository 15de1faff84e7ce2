"""Templates as a whole: files, values, faults with their lines, and properties of any input."""

from __future__ import annotations

import ast
import json
import string
import warnings
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwsearch.template import Template, TemplateError
from tests.hwsearch.template.examples import LR, entry


def faults(text: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        Template.parse(text, "net.py")
    assert str(caught.value).split("\n") == caught.value.faults
    return caught.value.faults


def test_one_hyperparameter() -> None:
    template = Template.parse(f"lr_val = {LR}\n")
    assert template.variables() == {"lr": {"type": "INT", "size": 1, "min": 1, "max": 5}}
    assert template.render({"lr": [3]}) == "lr_val = 0.001\n"
    assert template.values({"lr": {"type": "int", "values": [5]}}) == {"lr": 0.00001}


# --- how values are written


def test_exact_values() -> None:
    template = Template.parse(f"x = {entry(kind='FLOAT', min=1e-7, max=1)}")
    assert template.variables()["a"]["min"] == 1e-7
    assert template.render({"a": 1e-7}) == "x = 1e-07"
    assert template.values({"a": 1}) == {"a": 1.0}
    assert isinstance(template.values({"a": 1})["a"], float)


def test_options_keep_their_types() -> None:
    template = Template.parse(f"x = {entry(kind='ENUM', options=['1', 1, True, 1.5, False])}")
    got = [template.render({"a": [v]})[4:] for v in ["1", 1, True, 1.5, False, 1.0]]
    assert got == ["'1'", "1", "True", "1.5", "False", "1"]


def test_numpy_forms_of_a_jobs_params() -> None:
    numpy = pytest.importorskip("numpy")
    template = Template.parse(f"x, y = {entry('i')}, {entry('f', 'FLOAT')}")
    values = template.values({"i": numpy.array([3]), "f": numpy.array([2.5])})
    assert values == {"i": 3, "f": 2.5}
    assert type(values["i"]) is int
    assert template.values({"i": numpy.array([3.0]), "f": [numpy.float64(2)]})["i"] == 3


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({}, "hyper-parameter 'a': got no value; expected one"),
        ({"a": 6}, "hyper-parameter 'a': got 6; expected a whole number in 1..5"),
        ({"a": 2.5}, "hyper-parameter 'a': got 2.5; expected a whole number in 1..5"),
        ({"a": [1, 2]}, "hyper-parameter 'a': got 2 values; expected one"),
        ({"a": True}, "hyper-parameter 'a': got true; expected a whole number in 1..5"),
        ({"a": float("nan")}, "hyper-parameter 'a': got NaN; expected a whole number in 1..5"),
        (
            {"a": 1, "A ": 2},
            "hyper-parameter 'A ': got a value; the template has no such hyper-parameter; "
            "did you mean 'a'?",
        ),
    ],
)
def test_wrong_values(params: dict, fault: str) -> None:
    template = Template.parse(f"x = {entry()}", "net.py")
    with pytest.raises(TemplateError) as caught:
        template.render(params)
    assert caught.value.faults == [f"net.py: {fault}"]


# --- faults


NONE = (
    "net.py:1: got no HYPERPARAM; expected at least one, such as "
    'HYPERPARAM{"type": "INT", "token": "units", "min": 16, "max": 512}'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", [NONE]),
        ("", [NONE]),
        (
            'x = HYPERPARAM{"type": "INT",\n "min" 1}\ny = HYPERPARAM',
            [
                "net.py:2: HYPERPARAM: got invalid JSON at column 8: Expecting ':' delimiter; "
                "expected a JSON object, {...}",
                "net.py:3: HYPERPARAM: got nothing after it; "
                'expected HYPERPARAM{"type": ..., "token": ...}',
            ],
        ),
        (
            f"x = {LR}\ny = 1\nz = {LR}",
            [
                "net.py:3: hyper-parameter 'lr': token: already used on line 1; "
                "expected a different name"
            ],
        ),
        (
            'x = HYPERPARAM{"type": "INT", "token": "a", "min": 1, "min": 2, "max": 2}',
            [
                'net.py:1: HYPERPARAM: got the key "min" twice; expected it once',
                "net.py:1: hyper-parameter 'a': min: got 2; expected less than max (2)",
            ],
        ),
        (
            'x = HYPERPARAM{"type": "INT",\n"token": "a", "min": 1,\n"max": 2}\ny = = 1\n',
            ["net.py:4: got invalid Python after the values are filled in: invalid syntax"],
        ),
    ],
)
def test_faults_of_a_script(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_all_faults_at_once_in_the_order_of_their_lines() -> None:
    found = faults(
        f"a = {entry('a', min=9)}\n"
        "b = HYPERPARAM{oops}\n"
        f"c = {entry('c', 'FLAOT')}; d = {entry('d', 'ENUM', options=[])}\n"
        f"e = {entry('a', max='5', min=None)}\n"
    )
    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "3", "4", "4", "4"]
    assert all(line.isprintable() for line in found)


def test_large_scripts_are_read_in_one_pass() -> None:
    text = "".join(f"x = HYPERPARAM{{{number}\n" for number in range(3_000))
    assert len(faults(text)) == 3_000
    many = entry(kind="ENUM", options=[f"option {number}" for number in range(3_000)])
    assert len(Template.parse(f"x = {many}").hyperparameters[0].options) == 3_000


# --- files


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "utf-8"),
        ("\ufeff", "utf-8"),
        ("# -*- coding: latin-1 -*-\r\n", "latin-1"),
        ("#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
    ],
)
def test_bytes_outside_the_slots_stay(tmp_path: Path, head: str, encoding: str) -> None:
    path = tmp_path / 'it\'s a "näme".py'
    before = (head + "# é\r\nx = 'é'\n\n\x0cy = ").encode(encoding)
    after = " # é\r\n\t\r\n# no line end".encode(encoding)
    middle = entry(kind="ENUM", options=["日本", "relu"]).encode(encoding)
    path.write_bytes(before + middle + after)
    template = Template.from_file(path)
    assert template.render({"a": ["relu"]}).encode(template.encoding) == before + b"'relu'" + after
    script = template.render({"a": ["日本"]}).encode(template.encoding)
    names: dict = {}
    exec(compile(script, str(path), "exec"), names)
    assert (names["x"], names["y"]) == ("é", "日本")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"x = 1\ny = '\xe9'\n", "got bytes that are not utf-8"),
        (b"# coding: nonsense\nx = 1\n", "unknown encoding"),
        (b"# coding: hex\nx = 1\n", "got bytes that are not hex"),
        (b"x = 1\n\xff\xfe", "got bytes that are not utf-8"),
        (b"x\0 = HYPERPARAM", "got"),
    ],
)
def test_files_that_are_not_text(tmp_path: Path, raw: bytes, fault: str) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(raw)
    with pytest.raises(TemplateError) as caught:
        Template.from_file(path)
    assert caught.value.faults[0].startswith(f"{path}:")
    assert fault in caught.value.faults[0]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "no.py", tmp_path):
        with pytest.raises(TemplateError) as caught:
            Template.from_file(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_json_round_trip() -> None:
    template = Template.parse(f"x = {LR}\ny = {entry('b', 'ENUM', options=['é', True])}", "a b.py")
    again = Template.from_json(json.loads(json.dumps(template.to_json())))
    assert again.to_json() == template.to_json()
    assert again.render({"lr": 2, "b": True}) == "x = 0.01\ny = True"


@pytest.mark.parametrize("document", [None, [], {}, {"text": 1, "path": "a", "encoding": "utf-8"}])
def test_json_that_is_not_a_template(document: object) -> None:
    with pytest.raises(TemplateError, match=r"template.json: expected strings for text, path"):
        Template.from_json(document)


# --- properties

NAMES = st.text(string.ascii_letters + "_é", min_size=1, max_size=12)
FLOATS = st.floats(-1e300, 1e300)
GAPS = [", ", ",\r\n  ", ", # 'HYPERPARAM{\n", ',\t# """\n\n']


@st.composite
def hyperparameters(draw: st.DrawFn, token: str) -> tuple[str, list[object], list[object]]:
    """An object's JSON, values for the optimiser, and what the script gets for them."""
    kind = draw(st.sampled_from(["INT", "FLOAT", "ENUM"]))
    fields: dict = {"type": kind, "token": token}
    if kind == "ENUM":
        option = st.one_of(st.text(max_size=8), st.booleans(), FLOATS, st.integers(-(2**53), 2**53))
        key = lambda v: (isinstance(v, bool), v)  # noqa: E731
        values = draw(st.lists(option, min_size=1, max_size=5, unique_by=key))
        fields["options"] = values
        gets = values
    else:
        number = FLOATS if kind == "FLOAT" else st.integers(-(2**53), 2**53)
        values = sorted(draw(st.lists(number, min_size=3, max_size=4, unique=True)))
        assume(values[0] < values[-1])
        fields |= {"min": values[0], "max": values[-1]}
        gets = values
        if kind == "INT" and draw(st.booleans()):
            fields["transform"] = "X3"
            gets = [3 * value for value in values]
    dump = json.dumps(
        fields, indent=draw(st.sampled_from([None, 0, 2])), ensure_ascii=draw(st.booleans())
    )
    return dump, list(values), list(gets)


@settings(max_examples=300)
@given(st.data())
def test_a_valid_template_renders_exactly(data: st.DataObject) -> None:
    tokens = data.draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    outside = ["x = [", *(data.draw(st.sampled_from(GAPS)) for _ in tokens[1:]), "]\n# HYPERPARAM{"]
    drawn = [data.draw(hyperparameters(token)) for token in tokens]
    spaces = data.draw(st.sampled_from(["", " ", "\n"]))
    text = outside[0]
    for (dump, *_), after in zip(drawn, outside[1:], strict=True):
        text += f"HYPERPARAM{spaces}{dump}{after}"
    template = Template.parse(text)
    turn = data.draw(st.integers(0, 4))
    picks = [min(turn, len(values) - 1) for _, values, _ in drawn]
    params = {
        token: [values[pick]]
        for token, (_, values, _), pick in zip(tokens, drawn, picks, strict=True)
    }
    rendered = template.render(params)
    (statement,) = ast.parse(rendered).body
    assert isinstance(statement, ast.Assign | ast.Expr)
    got = ast.literal_eval(statement.value)
    expected = [gets[pick] for (_, _, gets), pick in zip(drawn, picks, strict=True)]
    assert [(type(value), value) for value in got] == [(type(value), value) for value in expected]
    assert list(template.values(params).values()) == expected
    position = 0
    for piece in outside:
        position = rendered.index(piece, position) + len(piece)
    assert rendered.startswith(outside[0])
    assert rendered.endswith(outside[-1])


def only_template_errors(text: str) -> None:
    try:
        template = Template.parse(text)
    except TemplateError as error:
        found = error.faults
    else:
        ends = {h.token: h.options[-1] if h.options else h.high for h in template.hyperparameters}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes, which are valid Python
            ast.parse(template.render(ends))
        return
    assert found
    assert all(len(fault.splitlines()) == 1 for fault in found)


@settings(max_examples=300)
@given(st.text())
def test_any_text_is_a_template_or_a_list_of_faults(text: str) -> None:
    only_template_errors(text)
    only_template_errors("x = HYPERPARAM" + text)
    only_template_errors("x = HYPERPARAM{" + text + "}")


@settings(max_examples=300)
@given(st.data())
def test_any_mutation_is_a_template_or_a_list_of_faults(data: st.DataObject) -> None:
    text = f"x = {LR}\ny = '''é''' + f\"{{x}}\" # '\nz = {entry('b', 'ENUM', options=['é'])}\n"
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 10, len(text))))
        piece = data.draw(
            st.sampled_from(["", '"', "'", "{", "}", "\\", "\n", "#", "1e400", "\0", LR])
        )
        text = text[:start] + piece + text[end:]
    only_template_errors(text)


def test_strings_that_are_probably_numbers_are_noted() -> None:
    words, numbers = (entry("b", "ENUM", options=["2", "x"]), entry("a", "ENUM", options=["2"]))
    template = Template.parse(f"x = {words}\ny = {numbers}\n")
    ((line, note),) = template.notes()
    assert line == 2
    assert note == (
        "hyper-parameter 'a': options: the script gets strings such as '2'; write 2 for a number"
    )
    assert template.render({"a": "2", "b": "2"}) == "x = '2'\ny = '2'\n"


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5), min_size=1))
def test_templates_in_json_and_python_are_the_same(tokens: dict[str, int]) -> None:
    fields = [
        {"type": "INT", "token": t, "min": 1, "max": 5, "default": d, "log": True}
        for t, d in tokens.items()
    ]
    texts = [
        "\n".join(f"{each['token']} = HYPERPARAM{write(each)}" for each in fields)
        for write in (json.dumps, repr)
    ]
    one, other = map(Template.parse, texts)
    assert one.variables() == other.variables()
    assert one.render(tokens) == other.render(tokens)
    assert Template.from_json(json.loads(json.dumps(one.to_json()))).variables() == one.variables()


def test_a_template_without_new_keys_gives_the_config_of_old() -> None:
    act = entry("act", "ENUM", options=["relu", "17"])
    template = Template.parse(f"f({LR}, {entry('rate', 'FLOAT', transform='NEGEXP10')}, {act})")
    assert json.dumps(template.variables()) == (
        '{"lr": {"type": "INT", "size": 1, "min": 1, "max": 5}, '
        '"rate": {"type": "FLOAT", "size": 1, "min": 1.0, "max": 5.0}, '
        '"act": {"type": "ENUM", "size": 1, "options": ["relu", "17"]}}'
    )

"""Templates: the contract's section 1, every fault with its line, and properties of any input."""

from __future__ import annotations

import ast
import json
import string
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwsearch.template import Template, TemplateError

LR = 'HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}'


def entry(token: str = "a", kind: str = "INT", **fields: object) -> str:
    if kind != "ENUM":
        fields = {"min": 1, "max": 5} | fields
    return "HYPERPARAM" + json.dumps({"type": kind, "token": token} | fields)


def faults(text: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        Template.parse(text, "net.py")
    assert str(caught.value).split("\n") == caught.value.faults
    return caught.value.faults


# --- what is found


def test_the_contracts_example() -> None:
    template = Template.parse(f"lr_val = {LR}\n")
    assert template.variables() == {"lr": {"type": "INT", "size": 1, "min": 1, "max": 5}}
    assert template.render({"lr": [3]}) == "lr_val = 0.001\n"
    assert template.values({"lr": {"type": "int", "values": [5]}}) == {"lr": 0.00001}


def test_several_on_a_line_over_several_lines_and_with_names_that_begin_alike() -> None:
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
def test_strings_comments_and_longer_names_are_left_alone(ignored: str) -> None:
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
        tree = ast.parse(template.render({"café / 😀": [option]}))
        assert ast.literal_eval(tree.body[0].value) == option


# --- how values are written


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
def test_parentheses_only_where_the_sign_would_come_off(text: str, rendered: str) -> None:
    template = Template.parse(text.replace("{}", entry(min=-5, max=-1)))
    assert template.render({"a": -3}) == rendered


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
        ({}, "token 'a': got no value; expected one"),
        ({"a": 6}, "token 'a': got 6; expected a whole number in 1..5"),
        ({"a": 2.5}, "token 'a': got 2.5; expected a whole number in 1..5"),
        ({"a": [1, 2]}, "token 'a': got 2 values; expected one"),
        ({"a": True}, "token 'a': got true; expected a whole number in 1..5"),
        ({"a": float("nan")}, "token 'a': got NaN; expected a whole number in 1..5"),
        ({"a": 1, "b": 2}, "got a value for 'b', which is no token of the template"),
    ],
)
def test_wrong_values(params: dict, fault: str) -> None:
    template = Template.parse(f"x = {entry()}", "net.py")
    with pytest.raises(TemplateError) as caught:
        template.render(params)
    assert caught.value.faults == [f"net.py: {fault}"]


# --- faults


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"type": "int"}, "type: got \"int\"; expected one of INT, FLOAT, ENUM; did you mean"),
        ({"type": 3}, "type: got 3; expected one of INT, FLOAT, ENUM"),
        ({"mim": 3}, "mim: got 3; the keys of type INT are type, token, min, max, transform; did"),
        ({"options": [1]}, "options: got [1]; the keys of type INT are"),
        ({"a\nb": 1}, 'a\\nb": got 1; the keys'),
        ({"token": ""}, 'token: got ""; expected a name'),
        ({"token": 5}, "token: got 5; expected a name"),
        ({"token": "a.b"}, "token: got \"a.b\"; expected a name without '.'"),
        ({"token": "$a"}, "token: got \"$a\"; expected a name without '.' and without '$'"),
        ({"token": " a"}, 'token: got " a"; expected printable characters, without blanks'),
        ({"token": "a\0"}, 'token: got "a\\u0000"; expected printable characters'),
        ({"token": "\ud800"}, 'token: got "\\ud800"; expected printable characters'),
        ({"token": "x" * 300}, "expected a name of at most 200 characters"),
        ({"min": 5}, "min: got 5; expected less than max, which is 5"),
        ({"min": 1.5}, "min: got 1.5; expected a whole number, without a decimal point"),
        ({"min": True}, "min: got true; expected a whole number"),
        ({"min": "1"}, 'min: got "1"; expected a whole number'),
        ({"max": None}, "max: got null; expected a whole number"),
        ({"max": 10**20}, "max: got 100000000000000000000; expected a whole number within"),
        ({"max": float("nan")}, "max: got NaN; expected a finite number"),
        ({"type": "FLOAT", "max": float("inf")}, "max: got Infinity; expected a finite number"),
        ({"type": "FLOAT", "max": 10**400}, "max: got 1000"),
        ({"type": "FLOAT", "max": False}, "max: got false; expected a number"),
        ({"type": "FLOAT", "min": 2**60, "max": 2**60 + 1}, "that a float can hold"),
        ({"transform": "LOG"}, "transform: got \"LOG\"; expected one of X<k> (v * k), NEGEXP<b>"),
        ({"transform": 2}, "transform: got 2; expected one of X<k>"),
        ({"transform": "LOG-2"}, "expected a base above 0 other than 1"),
        ({"transform": "LOG2", "max": 2000}, "2000 is too large or too small for a float"),
        ({"type": "FLOAT", "min": 0, "max": 1e-20, "transform": "LOG2"}, "both give 1.0"),
    ],
)  # fmt: skip
def test_faults_of_a_number(fields: dict, fault: str) -> None:
    text = json.dumps({"type": "INT", "token": "a", "min": 1, "max": 5} | fields)
    found = faults(f"\nx = HYPERPARAM{text}")
    assert fault in found[0]
    assert found[0].startswith("net.py:2: token ")
    assert len(found) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "options: got nothing; expected a list of at least one option"),
        ({"options": []}, "options: got []; expected a list of at least one option"),
        ({"options": "relu"}, 'options: got "relu"; expected a list'),
        ({"options": ["a", "a"]}, 'options: got "a"; expected each option once'),
        ({"options": [1, 1.0]}, "options: got 1.0; expected each option once"),
        ({"options": [None]}, "options: got null; expected strings, numbers or booleans"),
        ({"options": [[1]]}, "options: got [1]; expected strings, numbers or booleans"),
        ({"options": [float("nan")]}, "options: got NaN; expected finite numbers"),
        ({"options": [2**70]}, "expected whole numbers within"),
        ({"options": ["\udfff"]}, 'options: got "\\udfff"; expected whole characters'),
        ({"options": [1], "min": 1}, "min: got 1; the keys of type ENUM are type, token, options"),
        ({"options": [1], "transform": "X2"}, 'transform: got "X2"; the keys of type ENUM are'),
    ],
)
def test_faults_of_a_choice(fields: dict, fault: str) -> None:
    found = faults(f"x = {entry(kind='ENUM', **fields)}")
    assert fault in found[0]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", ["net.py:1: got no hyper-parameter; expected at least one HYPERPARAM{...}"]),
        ("", ["net.py:1: got no hyper-parameter; expected at least one HYPERPARAM{...}"]),
        (
            'x = HYPERPARAM{"type": "INT",\n "min" 1}\ny = HYPERPARAM',
            [
                "net.py:2: HYPERPARAM: got no valid JSON (Expecting ':' delimiter at column 8); "
                "expected an object {...}",
                'net.py:3: HYPERPARAM: got "" after it; expected a JSON object {...}',
            ],
        ),
        (
            f"x = {LR}\ny = 1\nz = {LR}",
            [
                "net.py:3: token 'lr': is used on line 1 already; expected a name of its own for "
                "each HYPERPARAM"
            ],
        ),
        (
            'x = HYPERPARAM{"type": "INT", "token": "a", "min": 1, "min": 2, "max": 2}',
            [
                'net.py:1: HYPERPARAM: got the key "min" twice; expected it once',
                "net.py:1: token 'a': min: got 2; expected less than max, which is 2",
            ],
        ),
        (
            'x = HYPERPARAM{"type": "INT",\n"token": "a", "min": 1,\n"max": 2}\ny = = 1\n',
            ["net.py:4: got no valid Python once values are in place: invalid syntax"],
        ),
    ],
)
def test_faults_of_a_script(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


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
def test_places_where_no_value_can_stand(text: str) -> None:
    script = text.replace("{}", LR, 1).replace("{}", LR.replace('"lr"', '"b"'))
    with pytest.raises(TemplateError, match=r"got no (valid Python once values|hyper)"):
        Template.parse(script)


def test_all_faults_at_once_in_the_order_of_their_lines() -> None:
    found = faults(
        f"a = {entry('a', min=9)}\n"
        "b = HYPERPARAM{oops}\n"
        f"c = {entry('c', 'FLAOT')}; d = {entry('d', 'ENUM', options=[])}\n"
        f"e = {entry('a', max='5', min=None)}\n"
    )
    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "3", "4", "4", "4"]
    assert all(line.isprintable() for line in found)


def test_json_nested_without_end() -> None:
    assert "nested too deeply" in faults('x = HYPERPARAM{"type": ' + "[" * 100_000)[0]


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
def test_bytes_outside_the_tokens_stay(tmp_path: Path, head: str, encoding: str) -> None:
    path = tmp_path / 'it\'s a "näme".py'
    before = (head + "# é\r\nx = 'é'\n\n\x0cy = ").encode(encoding)
    after = " # é\r\n\t\r\n# no line end".encode(encoding)
    middle = entry(kind="ENUM", options=["日本", "relu"]).encode(encoding)
    path.write_bytes(before + middle + after)
    template = Template.from_file(path)
    assert template.render_bytes({"a": ["relu"]}) == before + b"'relu'" + after
    script = template.render_bytes({"a": ["日本"]})
    names: dict = {}
    exec(compile(script, str(path), "exec"), names)
    assert (names["x"], names["y"]) == ("é", "日本")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"x = 1\ny = '\xe9'\n", "got text that is not utf-8"),
        (b"# coding: nonsense\nx = 1\n", "unknown encoding"),
        (b"# coding: hex\nx = 1\n", "got text that is not hex"),
        (b"x = 1\n\xff\xfe", "got text that is not utf-8"),
        (b"x\0 = HYPERPARAM", "got"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, raw: bytes, fault: str) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(raw)
    with pytest.raises(TemplateError) as caught:
        Template.from_file(path)
    assert caught.value.faults[0].startswith(f"{path}:")
    assert fault in caught.value.faults[0]


def test_files_that_are_not_there(tmp_path: Path) -> None:
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
def test_json_that_is_no_template(document: object) -> None:
    with pytest.raises(TemplateError, match=r"template.json: expected strings under text, path"):
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


@settings(max_examples=300, deadline=None)
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
    got = ast.literal_eval(ast.parse(rendered).body[0].value)
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
        ast.parse(template.render(ends))
        return
    assert found
    assert all(len(fault.splitlines()) == 1 for fault in found)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_a_template_or_a_list_of_faults(text: str) -> None:
    only_template_errors(text)
    only_template_errors("x = HYPERPARAM" + text)
    only_template_errors("x = HYPERPARAM{" + text + "}")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["type", "token", "min", "max", "options", "transform", "x"]),
        ANY_JSON | st.sampled_from(["INT", "FLOAT", "ENUM", "X2", "LOG2", "a"]),
    )
)
def test_any_object_is_a_hyperparameter_or_a_list_of_faults(fields: dict) -> None:
    only_template_errors("x = HYPERPARAM" + json.dumps(fields))


@settings(max_examples=300, deadline=None)
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

"""The command line of the reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.report.command import Request, read


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("DIR", Request("DIR")),
        ("DIR run --top 3", Request("DIR", "run", most=3)),
        ("DIR --list", Request("DIR", action="list")),
        ("DIR run --status", Request("DIR", "run", "status")),
        ("DIR --watch", Request("DIR", action="watch")),
        ("DIR --watch 2m", Request("DIR", action="watch", pause_s=120.0)),
        ("--export json -- DIR", Request("DIR", action="export", form="json")),
        ("DIR --html", Request("DIR", action="html")),
        ("DIR --html x.html", Request("DIR", action="html", file=Path("x.html"))),
        ("DIR NAME --figures x", Request("DIR", "NAME", action="figures", file=Path("x"))),
        ("DIR --export csv x.csv", Request("DIR", action="export", form="csv", file=Path("x.csv"))),
        ("DIR --export jsonl", Request("DIR", action="export", form="jsonl")),
        ("DIR --export optuna a.db", Request("DIR", action="bridge", form="optuna", target="a.db")),
        (
            "DIR --mlflow http://h",
            Request("DIR", action="bridge", form="mlflow", target="http://h"),
        ),
        ("DIR a --tensorboard t", Request("DIR", "a", "bridge", form="tensorboard", target="t")),
        ("DIR --delete run --yes", Request("DIR", "run", "delete", yes=True)),
        ("DIR run --delete run", Request("DIR", "run", "delete")),
        ("h:1 --database-name x", Request("h:1", database="x")),
        ("DIR --config x.json", Request("DIR", config="x.json")),
    ],
)
def test_requests(words, expected):
    assert read(words.split()) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "required: DIR|ADDRESS"),
        ("DIR a b", "got 'b' without a flag"),
        ("DIR --staus", "--staus: no such flag; --help shows all; did you mean '--status'?"),
        ("DIR --list --status", "--status: not allowed with argument --list"),
        ("DIR --watch soon", "--watch: got 'soon'; expected seconds above 0"),
        ("DIR --top 0", "--top: got '0'; expected"),
        (
            "DIR --export cvs",
            "--export: got 'cvs'; expected one of csv, json, markdown, jsonl, optuna; did",
        ),
        ("DIR --html /", "--html: got '/', which is there already; expected a new file, or one"),
        ("DIR --export csv a b", "--export: got 2 files; expected one, and DIR before --export"),
        ("DIR --export optuna", "--export: got optuna without a file; expected --export optuna"),
        ("DIR --mlflow=", "--mlflow: got ''; expected an MLflow server"),
        ("DIR --yes", "--yes: given without --delete"),
        ("DIR a --delete b", "--delete: got 'b' and the run 'a'; name one"),
    ],
)
def test_faults(words, message):
    with pytest.raises(UserError) as caught:
        read(words.split())
    assert message in str(caught.value)


def test_an_empty_place_is_a_fault():
    with pytest.raises(UserError, match="DIR: got ''"):
        read([""])


@pytest.mark.parametrize("name", ["jobs.sqlite", "network_def.py", ""])
def test_what_is_no_export_is_never_written_over(name, tmp_path):
    file = tmp_path / name
    if name:
        file.write_text("mine")
    with pytest.raises(UserError, match="which is there already; expected a new file, or one that"):
        read(["DIR", "--export", "csv", str(file)])


def test_an_earlier_export_is(tmp_path):
    file = tmp_path / "x.CSV"
    file.write_text("earlier")
    assert read(["DIR", "--export", "csv", str(file)]).file == file

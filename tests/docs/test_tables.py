"""Tables and examples of the pages against the code that they describe."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hwsearch import formatting
from hwsearch.measurements import Measurements, Quantity
from hwsearch.meters import REGISTRY, create
from hwsearch.metrics import METRICS
from hwsearch.template import Template, TemplateError, declaration
from hwsearch.template.transforms import Transform
from spearmint import choosers
from spearmint.choosers.chooser import Argument
from spearmint.config import TOP_KEYS, Config, Resource, parse
from spearmint.config.resources import RESOURCE_KEYS
from spearmint.config.sizes import size_in_bytes
from spearmint.config.tasks import TASK_KEYS
from spearmint.config.variables import ALL_KEYS
from tests.docs.documents import GUIDES, ROOT, blocks, pages, table

DOCS = ROOT / "docs"


def code(cell: str) -> list[str]:
    """The `code` of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def keys(page: Path, heading: str) -> list[str]:
    """The keys that the first column of a table names."""
    return [key for row in table(page, heading) for key in code(row[0])]


# -- config.md -------------------------------------------------------------------------------------


def test_every_key_of_the_top_level_is_described() -> None:
    described = keys(DOCS / "config.md", "## Top level")
    of_resources = keys(DOCS / "config.md", "## Resources")
    assert set(described) | set(of_resources) == set(TOP_KEYS)


@pytest.mark.parametrize(
    ("heading", "known"), [("## Tasks", TASK_KEYS), ("## Resources", RESOURCE_KEYS)]
)
def test_every_key_of_tasks_and_resources_is_described(heading: str, known: Sequence[str]) -> None:
    assert sorted(keys(DOCS / "config.md", heading)) == sorted(known)


@pytest.mark.parametrize(
    ("heading", "record"), [("## Top level", Config), ("## Resources", Resource)], ids=str
)
def test_defaults_are_those_of_the_code(heading: str, record: Any) -> None:
    defaults = {field.name.replace("_", "-"): field.default for field in fields(record)}
    checked = 0
    for row in table(DOCS / "config.md", heading):
        for key in code(row[0]):
            default = defaults.get(key, MISSING)
            if default is MISSING or isinstance(default, tuple) or row[2] == "below":
                continue
            shown = row[2].strip("`")
            expected = {None: ("no limit", "none")}.get(default, (str(default),))
            size = size_in_bytes(shown)
            assert shown in expected or size == default or float(shown) == default, key
            checked += 1
    assert checked >= 4


def test_variables_have_the_keys_that_are_described() -> None:
    described = keys(DOCS / "config.md", "## Variables")
    assert described == list(ALL_KEYS)
    variables = {
        "x": {"type": "INT", "size": 2, "min": 1, "max": 2, "step": 1, "when": {"e": [1, None]}},
        "y": {"type": "FLOAT", "min": 1, "max": 2, "log": True, "default": 1.5},
        "e": {"type": "ENUM", "options": ["a", 1, True, None, [1], {"name": "a.b"}]},
    }
    assert not parse({"main-file": "o.py", "variables": variables}).warnings


@pytest.mark.parametrize("page", ["config.md", "cluster.md", "choosers.md"])
def test_json_of_the_pages_is_a_valid_config(page: str) -> None:
    rest = {"main-file": "o.py", "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}
    for block in blocks(DOCS / page, "json"):
        given = json.loads(block.code if block.code.startswith("{") else f"{{{block.code}}}")
        assert not parse({**rest, **given}).warnings, str(block)


def test_the_example_of_a_batch_system_is_a_valid_config() -> None:
    given = json.loads((ROOT / "examples" / "slurm" / "config.json").read_text(encoding="utf-8"))
    config = parse(given, folder=ROOT / "examples" / "slurm")
    assert not config.warnings
    assert config.resources[0].scheduler == "SLURM"


# -- choosers.md -----------------------------------------------------------------------------------


def test_choosers_and_their_arguments_are_described() -> None:
    page = DOCS / "choosers.md"
    headings = re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == choosers.available()
    for name in ("default_chooser", "random_search", "random_walk"):
        arguments = import_module(f"spearmint.choosers.{name}").ARGUMENTS
        rows = {code(row[0])[0]: row for row in table(page, f"## {name}")}
        assert rows.keys() == arguments.keys()
        for key, argument in arguments.items():
            assert rows[key][1] == _values(argument)
            assert rows[key][2] == str(argument.default).lower()


def _values(argument: Argument) -> str:
    """What an argument of a chooser takes, as the page says it."""
    if isinstance(argument.default, bool):
        return "true or false"
    kind = "whole number" if isinstance(argument.default, int) else "number"
    return f"{kind} from {argument.low:g} to {argument.high:,g}"


# -- measuring.md and README.md --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "heading"),
    [
        (ROOT / "README.md", "## What can be optimised or bounded"),
        (DOCS / "measuring.md", "## Metrics and units"),
    ],
    ids=["README.md", "measuring.md"],
)
def test_metrics_and_units(page: Path, heading: str) -> None:
    shown = {code(row[0])[0]: row[1] for row in table(page, heading)}
    assert shown == {name: metric.unit for name, metric in METRICS.items()}


def test_every_meter_is_described() -> None:
    page = DOCS / "measuring.md"
    text = page.read_text(encoding="utf-8").partition("| meter | measures | on |")[2]
    assert re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) == list(REGISTRY)


def test_the_recording_of_the_page_can_be_played(tmp_path: Path) -> None:
    [recording] = blocks(DOCS / "measuring.md", "json")
    file = tmp_path / "recording.json"
    file.write_text(recording.code, encoding="utf-8")
    meter = create(f"replay:{file}")
    assert meter.available().ok, meter.available().reason
    with meter:
        assert meter.read("power").value == 61.2


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "index.md"], ids=lambda p: p.name)
def test_the_picture_is_of_the_run_that_is_shown(page: Path) -> None:
    run = json.loads((DOCS / "images" / "digits.json").read_text(encoding="utf-8"))
    trained = [network for network in run["networks"] if network["error"] is not None]
    best = min(trained, key=lambda network: float(network["error"]))
    shown = next(b.code for b in blocks(page, "text") if b.code.startswith("Best network"))
    assert f"job {best['job']}\n" in shown
    assert f"budget: below {formatting.bound(run['metric'], run['bound'])}" in shown
    rejected = len(run["networks"]) - len(trained)
    counted = f"{len(run['networks'])} networks: {len(trained)} trained, {rejected} rejected"
    assert counted in shown


# -- results.md ------------------------------------------------------------------------------------


def test_keys_of_measurements_are_described() -> None:
    page = DOCS / "results.md"
    described = keys(page, "The keys of `measurements`:\n")
    assert sorted(described) == sorted(field.name for field in fields(Measurements))
    rows = table(page, "The keys of `measurements`:\n")
    [metrics] = [row[1] for row in rows if row[0] == "`metrics`"]
    shown = set(re.findall(r'"(\w+)"', metrics)) - {"power"}
    assert shown == {field.name for field in fields(Quantity)}


# -- template.md -----------------------------------------------------------------------------------


def test_transforms_give_what_the_table_says() -> None:
    text = (DOCS / "template.md").read_text(encoding="utf-8")
    examples = re.findall(r"\| `(\w+)` with (\d+)\.\.(\d+) gives (.*) \|", text)
    assert len(examples) == 3
    for transform, low, high, shown in examples:
        values = [ast.literal_eval(value) for value in shown.split(", ") if value != "..."]
        apply = Transform.parse(transform).apply
        assert apply(int(low)) == values[0]
        assert apply(int(low) + 1) == pytest.approx(values[1])
        assert apply(int(high)) == pytest.approx(values[-1])


def test_every_key_of_a_hyperparameter_is_described() -> None:
    assert set(keys(DOCS / "template.md", "## The object")) == set(declaration.ALL_KEYS)


def test_templates_of_the_pages_are_valid() -> None:
    templates = [b for page in GUIDES for b in blocks(page, "python") if "HYPERPARAM" in b.code]
    assert len(templates) >= 3
    for block in templates:
        body = re.sub(r"(for .*:)\n(?! )", r"\1\n    ", block.code)
        Template(body, "network_def.py")


def test_the_error_of_a_template_is_shown_as_it_is() -> None:
    [shown] = [block.code for block in blocks(DOCS / "template.md", "text")]
    path = shown.partition(":")[0]
    line = 'units = HYPERPARAM{"type": "INTEGER", "token": "units", "min": 1, "max": 2}\n'
    with pytest.raises(TemplateError) as caught:
        Template("\n\n\n" + line, path)
    assert f"{caught.value}\n" == shown


# -- the site --------------------------------------------------------------------------------------


def test_every_document_is_a_page_of_the_site() -> None:
    text = (DOCS / "site_hooks.py").read_text(encoding="utf-8")
    outside = re.findall(r'^    "(\S+\.md)": "', text, flags=re.MULTILINE)
    names = {page.relative_to(ROOT).as_posix() for page in pages()}
    assert set(outside) == {name for name in names if not name.startswith("docs/")} - {"README.md"}

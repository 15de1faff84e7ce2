"""The newcomer's way: what is counted and timed, and that all tools search the same."""

from __future__ import annotations

import ast
import importlib.util
import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.launch.command import flags
from hwsearch.template import Template

ASKS = re.compile(r"(trial\.suggest_|hp\.)(categorical|Choice|[iI]nt|[fF]loat)")
FOLDER = Path(__file__).parents[3] / "benchmarks" / "newcomer"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("newcomer_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_written_lines(script):
    start = "import a\n\nx = 1\nprint(x)\n"
    assert script.written(start, start) == 0
    new = "import a\n# why\n\ndef f():\n    x = 1\n    y = 2\n    x = 1\nprint(x)\n"
    assert script.written(start, new) == 3  # def, y, and x for the second time


def test_the_way_is_timed(script, tmp_path):
    program = (
        "import pathlib, sys\nprint('trial 0: over the budget, not trained')\n"
        "print('trial 1: error 3')\nplot = pathlib.Path('error_against_time.html')\n"
        """plot.write_text('"mode":"markers"')\n"""
        "print('trial 2: error 2', file=sys.stderr)\n"
    )
    optuna = script.WAYS[1]
    way = replace(optuna, here=((sys.executable, "-c", "1"), (sys.executable, "-c", program)))
    found = script.walk(way, tmp_path)
    assert (found.status, found.over, found.commands) == (0, 1, 3)
    assert 0 < found.answer_s <= found.end_s
    assert found.plot_s > 0
    assert len(found.output) == 3
    assert found.lines > 50
    assert (tmp_path / "optuna_search.py").is_file()
    text = script.table([found])
    assert "| commands typed | 3 |" in text
    assert text.splitlines()[0] == "| | Optuna |"


def test_all_search_the_same(script):
    template = Template.from_file(FOLDER / "scripts" / "network_def.py")
    names = [entry.token for entry in template.hyperparameters]
    request = flags.read(script.WAYS[0].here[-1][-1].split("./run_tool.sh ")[1].split())
    assert request.given["max_finished_jobs"] == 10
    for way in script.WAYS[1:]:
        tree = ast.parse((FOLDER / "scripts" / way.script).read_text())
        values = {
            ast.unparse(node.targets[0]): node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        assert values == {"BUDGET": 14e-6, "BATCH": 64, "TRIALS": 10}
        assert request.constraints == {"runtime": values["BUDGET"]}
        asked = {
            ast.literal_eval(node.args[0])
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ASKS.fullmatch(ast.unparse(node.func))
        }
        assert asked == set(names)


def test_the_template_is_the_start_with_marked_values():
    template = Template.from_file(FOLDER / "scripts" / "network_def.py")
    rate = -math.log10(0.05)
    values = {"features": 4, "kernel": 3, "units": 6, "rate": rate, "momentum": 0.9}
    rendered = template.render(values | {"activation": "relu"})
    assert code(rendered) == code((FOLDER / "scripts" / "start.py").read_text())


def code(text):
    """The program, without comments and layout."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            node.value = round(node.value, 9)
    return ast.unparse(tree)

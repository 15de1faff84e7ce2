"""The comparison on problems with two objectives."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.optimiser.problems import digits
from benchmarks.paper import pareto
from benchmarks.paper.fronts.known import evolved, front_of
from benchmarks.paper.fronts.problems import DEFINITIONS, OBJECTIVES, load
from hwsearch.report.hypervolume import hypervolume


def test_hypervolume_of_a_staircase():
    points = [(1.0, 3.0), (2.0, 2.0), (2.5, 2.5), (3.0, 1.0), (5.0, 0.0)]
    assert hypervolume(points, (4.0, 4.0)) == 3 + 2 + 1
    assert hypervolume([], (4.0, 4.0)) == 0


@pytest.mark.parametrize(
    ("name", "x", "objectives", "constraints"),
    [
        # Values of Deb (2001), and by hand.
        ("tnk", (1.0, 1.0), (1.0, 1.0), (0.9, 0.0)),
        ("srn", (-2.5, 2.5), (24.5, -24.75), (212.5, 0.0)),
        ("osy", (5, 1, 2, 0, 5, 10), (-259.0, 155.0), (4, 0, 6, 0, 3, 10)),
        ("c2dtlz2", (0.0, 0.5, 0.5, 0.5), (1.0, 0.0), (0.04,)),
    ],
)
def test_values_of_the_problems(name, x, objectives, constraints):
    found = load(name).tasks_of(x)
    assert [found[task] for task in OBJECTIVES] == pytest.approx(objectives)
    assert list(found.values())[2:] == pytest.approx(constraints, abs=1e-12)


def test_the_front_of_the_table_is_the_whole_share():
    problem = load("digits")
    front = front_of(DEFINITIONS["digits"])
    assert len(np.unique(front, axis=0)) == 7
    every = [problem.tasks_of(values) for values in digits.rows()]
    assert problem.share(every) == pytest.approx(1.0)
    assert problem.share([]) == 0


def test_a_short_evolution_comes_near_the_known_front():
    problem = load("srn")
    found = evolved(problem, 0, 40, 15)
    share = hypervolume(list(map(tuple, found)), problem.reference) / problem.volume
    assert 0.9 < share <= 1.001


def test_runs_go_on_where_they_were_stopped(tmp_path, capsys):
    flags = ["--peers", "ours", "random", "--problems", "tnk", "--evaluations", "4"]
    flags += ["--results", str(tmp_path)]
    assert pareto.main([*flags, "--seeds", "1"]) == 0
    assert pareto.main([*flags, "--seeds", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    lines = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("*.jsonl"))]
    assert [line["peer"] for line in lines] == ["ours", "random"]
    assert all(line["share"] == sorted(line["share"]) for line in lines)
    assert pareto.main(["--report", "--evaluations", "4", "--results", str(tmp_path)]) == 0
    head, _, first, *_ = capsys.readouterr().out.splitlines()
    assert head == "| problem | HyperPower | random |"
    assert first.startswith("| tnk | ")

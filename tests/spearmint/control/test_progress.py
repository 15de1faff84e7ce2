from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from spearmint.choosers import Best
from spearmint.config import Task, Variable
from spearmint.control.progress import Progress
from spearmint.optimiser.space import Space

TASKS = (Task("error", objective=True), Task("power", objective=False))


def params(x: float, act: str = "relu") -> dict[str, Any]:
    return {
        "x": {"type": "float", "values": [x, 2.0]},
        "act": {"type": "enum", "values": [act]},
    }


def job(job_id: int, status: str, **more: Any) -> dict[str, Any]:
    return {"id": job_id, "status": status, "params": params(0.5), "resource": "Main", **more}


def progress() -> tuple[Progress, io.StringIO]:
    stream = io.StringIO()
    return Progress(TASKS, stream), stream


def test_status_counts() -> None:
    shown, stream = progress()
    shown.status([job(1, "complete", values={}), job(2, "pending"), job(3, "broken")])
    assert stream.getvalue().rstrip().endswith("] 1 pending, 1 complete, 1 broken")
    shown.status([job(1, "paused"), job(2, "paused", ended="not the best")])
    assert stream.getvalue().rstrip().endswith("0 complete, 1 stopped early, 1 paused")


def test_each_of_several_resources_has_a_line() -> None:
    stream = io.StringIO()
    shown = Progress(TASKS, stream, resources=["fast", "slow", "idle"])
    jobs = [job(1, "complete", resource="fast"), job(2, "pending", resource="slow")]
    shown.status(jobs)
    total, *lines = stream.getvalue().splitlines()
    assert total.endswith("] 1 pending, 1 complete")
    assert lines == [
        "  fast: 0 pending, 1 complete",
        "  slow: 1 pending, 0 complete",
        "  idle: 0 pending, 0 complete",
    ]


def test_the_expected_best_has_its_spread() -> None:
    shown, stream = progress()
    values, spread = {"error": 1.5, "power": 3.0}, {"error": 0.123}
    shown.expected(Best(params(0.5), values, 0.93, confident=True, spread=spread))
    assert stream.getvalue().startswith("expected best: error 1.5 ± 0.12, power 3 (met);")


def test_a_stopped_run_names_the_best_job() -> None:
    shown, stream = progress()
    shown.stopped("stopped", [job(2, "complete", values={"error": 2.0, "power": 0.0})])
    assert stream.getvalue() == "stopped\nbest observed: error 2, power 0 (met), in job 2\n"


def test_best_line_shows_a_job_that_meets_the_constraints() -> None:
    shown, _ = progress()
    assert shown.best_line([job(1, "pending")]) == "best observed: none yet"
    broken = job(1, "complete", values={"error": 1.0, "power": -0.1})
    assert shown.best_line([broken]) == "best observed: none yet; no job meets all constraints"
    met = job(2, "complete", values={"error": 2.0, "power": 0.0})
    assert shown.best_line([broken, met]) == "best observed: error 2, power 0 (met), in job 2"


def test_a_negated_objective_is_shown_as_people_read_it() -> None:
    tasks = (Task("auc", objective=True, negated=True), Task("power", objective=False))
    shown = Progress(tasks, io.StringIO())
    jobs = [job(i, "complete", values={"auc": auc, "power": 1.0}) for i, auc in ((1, -0.9), (2, 0))]
    assert shown.best_line(jobs) == "best observed: auc 0.9, power 1 (met), in job 1"
    assert shown.best_line(jobs[1:]) == "best observed: auc 0, power 1 (met), in job 2"


def test_expected_best_is_printed_once() -> None:
    shown, stream = progress()
    best = Best(params(0.5), {"error": 1.5, "power": 3.0}, 0.93, confident=False)
    shown.expected(None)
    shown.expected(best)
    shown.expected(best)
    text = stream.getvalue()
    assert text.count("expected best: error 1.5, power 3 (met)") == 1
    assert "probability of meeting the constraints 0.93 (below min-confidence)" in text
    assert "x[0]" in text


def test_finished_jobs() -> None:
    shown, stream = progress()
    out = Path("/o/1.out")
    nan = {"error": float("nan"), "power": -2.0}
    shown.finished(
        job(1, "complete", values=nan, reason="over budget") | {"start time": 10, "end time": 12.5},
        out,
    )
    shown.finished(job(2, "broken", reason="ValueError: x"), out)
    assert stream.getvalue().splitlines() == [
        "job 1 complete: error nan, power -2 (not met), after 2.5 s; over budget",
        "job 2 broken: ValueError: x",
        "  its output: /o/1.out",
    ]


def test_suggestion_beside_the_best_job() -> None:
    shown, stream = progress()
    met = job(1, "complete", values={"error": 2.0, "power": 0.0})
    shown.suggested(job(2, "new"), [met, job(2, "new")], again=False)
    _, what, heading, *_, last = stream.getvalue().splitlines()
    assert what == "job 2 suggested on Main"
    assert heading.split() == ["name", "type", "job", "2", "best:", "job", "1"]
    assert last == "best observed: error 2, power 0 (met), in job 1"


def test_the_end_shows_the_best_job_and_the_expected_best_point() -> None:
    stream = io.StringIO()
    exact = (TASKS[0], Task("power", objective=False, likelihood="NOISELESS"))
    shown = Progress(exact, stream)
    met = job(1, "complete", values={"error": 2.0, "power": 0.0})
    best = Best(params(0.25), {"error": 1.5, "power": 3.0}, 0.93, confident=True)
    shown.end([met], "done: enough", best)
    text = stream.getvalue()
    assert "0 pending, 1 complete\ndone: enough\nbest observed: error 2" in text
    assert "probability of meeting the constraints 0.93\n" in text
    assert text.count("x[0]") == 2


@pytest.mark.parametrize("likelihood", ["GAUSSIAN", "BINOMIAL"])
def test_with_noisy_constraints_the_end_shows_the_recommendation_first(likelihood: str) -> None:
    stream = io.StringIO()
    shown = Progress((TASKS[0], Task("power", False, likelihood)), stream)
    met = job(1, "complete", values={"error": 2.0, "power": 1.0})
    best = Best(params(0.25), {"error": 1.5, "power": 3.0}, 0.93, confident=True)
    shown.expected(best)
    stream.truncate(0)
    shown.end([met], "done: enough", best)
    text = stream.getvalue()
    assert 0 < text.index("expected best: ") < text.index("best observed: ")
    assert text.count("expected best: ") == 1


def test_a_recommendation_that_hardly_meets_the_constraints() -> None:
    shown, stream = progress()
    shown.expected(Best(params(0.5), {"error": 1.5, "power": -3.0}, 1e-9, confident=False))
    assert "constraints 1e-09 (no point is likely to meet them)" in stream.getvalue()


def test_a_job_outside_the_space_is_not_the_best() -> None:
    variables = [Variable("x", "FLOAT", 2, 0.75, 3.0), Variable("act", "ENUM", options=("relu",))]
    shown = Progress(TASKS, io.StringIO(), space=Space(variables))
    outside = job(1, "complete", values={"error": 1.0, "power": 0.0})
    removed = {**outside, "id": 2, "params": params(1.0, "elu")}
    inside = {**outside, "id": 3, "params": params(1.0), "values": {"error": 9.0, "power": 0.0}}
    assert shown.best_line([outside, removed, inside]).endswith("in job 3")


def test_debug_lines_are_for_debugging() -> None:
    shown, stream = progress()
    shown.debug("secret")
    assert stream.getvalue() == ""
    Progress(TASKS, stream, debug=True).debug("shown")
    assert stream.getvalue() == "shown\n"


def test_no_text_can_forge_a_line_or_reach_the_terminal() -> None:
    odd = "x\x1b[31m\rjob 9 complete\njob 8 complete"
    tasks = (Task(odd, objective=True),)
    stream = io.StringIO()
    shown = Progress(tasks, stream)
    one = job(1, "complete", values={odd: 1.0}, reason=odd)
    one["params"] = {odd: {"type": "enum", "values": [odd]}}
    one["resource"] = odd
    shown.suggested(one, [one], again=False)
    shown.finished(one, Path(odd))
    shown.finished({**one, "status": "broken"}, Path(odd))
    shown.end([one], "done", Best(one["params"], {odd: 1.0}, 1.0, confident=True))
    text = stream.getvalue()
    assert text.replace("\n", "").isprintable()
    assert not [line for line in text.splitlines() if line.startswith(("job 8", "job 9"))]


def test_reason_of_many_megabytes_is_not_printed_whole() -> None:
    shown, stream = progress()
    shown.finished(job(1, "broken", reason="x" * 17_000_000), Path("out"))
    assert len(stream.getvalue()) < 1200


TWO = (Task("error", objective=True), Task("cost", objective=True), Task("power", objective=False))


def two(job_id: int, error: float, cost: float, power: float = 1.0) -> dict[str, Any]:
    return job(job_id, "complete", values={"error": error, "cost": cost, "power": power})


def test_of_two_objectives_the_front_is_shown() -> None:
    stream = io.StringIO()
    shown = Progress(TWO, stream)
    jobs = [two(1, 1.0, 5.0), two(2, 2.0, 3.0), two(3, 2.0, 6.0), two(4, 0.0, 0.0, -1.0)]
    shown.suggested(job(5, "new"), jobs, again=False)
    line = "Pareto front: 2 jobs, lowest error 1 in job 1, lowest cost 3 in job 2"
    assert stream.getvalue().splitlines()[-1] == line
    shown.end(jobs, "done", None)
    assert stream.getvalue().splitlines()[-4:] == [
        line,
        "  job  error  cost  power  x[0]  x[1]   act",
        "    1      1     5      1   0.5     2  relu",
        "    2      2     3      1   0.5     2  relu",
    ]


@pytest.mark.parametrize(
    ("jobs", "why"),
    [([], "none yet"), ([two(1, 0.0, 0.0, -1.0)], "none yet; no job meets all constraints")],
)
def test_without_a_front_the_line_says_why(jobs: list[dict[str, Any]], why: str) -> None:
    stream = io.StringIO()
    shown = Progress(TWO, stream)
    assert shown.best_line(jobs) == f"Pareto front: {why}"
    shown.end(jobs, "done", None)
    assert stream.getvalue().splitlines()[-1] == f"Pareto front: {why}"

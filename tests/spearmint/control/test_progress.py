from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from spearmint.choosers import Best
from spearmint.config import Task
from spearmint.control.progress import Progress, shown, table

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


def test_values_are_short_and_exact_enough() -> None:
    assert shown(0.1 + 0.2) == "0.3"
    assert shown(1e-7) == "1e-07"
    assert shown(float("nan")) == "nan"
    assert shown(12) == "12"
    assert shown("x" * 50) == "x" * 37 + "..."
    assert shown("a\nb") == "a b"


def test_table_has_a_row_an_element_and_a_column_a_point() -> None:
    text = table([("job 1", params(0.25)), ("best", params(10.0, "a longer one"))])
    assert text.splitlines() == [
        "  name  type   job 1          best",
        "  x[0]  float   0.25            10",
        "  x[1]  float      2             2",
        "  act   enum    relu  a longer one",
    ]


def test_status_counts() -> None:
    told, stream = progress()
    told.status([job(1, "complete", values={}), job(2, "pending"), job(3, "broken")])
    assert stream.getvalue().rstrip().endswith("] 1 pending, 1 complete, 1 broken")


def test_best_line_knows_only_jobs_that_meet_the_constraints() -> None:
    told, _ = progress()
    assert told.best_line([job(1, "pending")]) == "best observed: none yet"
    broken = job(1, "complete", values={"error": 1.0, "power": -0.1})
    assert told.best_line([broken]) == "best observed: none yet; no job meets all constraints"
    met = job(2, "complete", values={"error": 2.0, "power": 0.0})
    assert told.best_line([broken, met]) == "best observed: error 2, power 0 (met), in job 2"


def test_expected_best_is_told_once() -> None:
    told, stream = progress()
    best = Best(params(0.5), {"error": 1.5, "power": 3.0}, 0.93, confident=False)
    told.expected(None)
    told.expected(best)
    told.expected(best)
    text = stream.getvalue()
    assert text.count("expected best: error 1.5, power 3 (met)") == 1
    assert "probability of meeting the constraints 0.93, less than asked for" in text
    assert "x[0]" in text


def test_finished_jobs() -> None:
    told, stream = progress()
    out = Path("/o/1.out")
    nan = {"error": float("nan"), "power": -2.0}
    told.finished(
        job(1, "complete", values=nan, reason="over budget") | {"start time": 10, "end time": 12.5},
        out,
    )
    told.finished(job(2, "broken", reason="ValueError: x"), out)
    assert stream.getvalue().splitlines() == [
        "job 1 complete: error nan, power -2 (not met), after 2.5 s; over budget",
        "job 2 broken: ValueError: x",
        "  its output: /o/1.out",
    ]


def test_debug_lines_are_for_debugging() -> None:
    told, stream = progress()
    told.debug("secret")
    assert stream.getvalue() == ""
    Progress(TASKS, stream, debug=True).debug("shown")
    assert stream.getvalue() == "shown\n"

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from spearmint.main import main

ROOT = Path(__file__).resolve().parents[2]


def test_runs_to_max_finished_jobs_and_reports(experiment: Any) -> None:
    one = experiment()
    text = one.run()
    jobs = one.jobs()
    assert [job["id"] for job in jobs] == [1, 2, 3]
    assert {job["status"] for job in jobs} == {"complete"}
    for job in jobs:
        assert job["values"] == {"main": job["params"]["x"]["values"][0]}
        assert job["params"]["x"]["type"] == "float"
        assert (job["resource"], job["tasks"], job["language"]) == ("Main", ["main"], "PYTHON")
        assert (job["main-file"], job["expt_dir"]) == ("objective.py", str(one.folder))
        assert job["submit time"] <= job["start time"] <= job["end time"]
        assert job["suggestion seconds"] > 0
        assert job["proc_id"] > 1
        assert one.output(job["id"]).startswith(f"--- job {job['id']}, attempt 1, ")
    best = min(jobs, key=lambda job: job["values"]["main"])
    assert "job 1 suggested on Main" in text
    assert f"best observed: main {best['values']['main']:.6g}, in job {best['id']}" in text
    assert "done: all 3 requested jobs are finished" in text


def test_continues_where_it_was_stopped(experiment: Any) -> None:
    one = experiment()
    one.run("--max-finished-jobs", "2")
    first = one.jobs()
    text = one.run("--max-finished-jobs", "4")
    assert "resuming test: 2 jobs found" in text
    jobs = one.jobs()
    assert jobs[:2] == first
    assert [job["id"] for job in jobs] == [1, 2, 3, 4]
    assert "done: all 4 requested jobs are finished" in one.run("--max-finished-jobs", "4")
    assert one.jobs() == jobs


def test_events_are_json_and_the_rest_goes_to_standard_error(experiment: Any) -> None:
    one = experiment(objective="def main(job_id, params):\n    return params['x'][0]\n")
    child = subprocess.run(
        [sys.executable, str(ROOT / "spearmint/main.py"), "--events", str(one.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    events = [json.loads(line) for line in child.stdout.splitlines()]
    jobs = [event["job"] for event in events if event["event"] == "finished"]
    assert sorted(jobs) == [1, 2, 3]
    assert events[-1] == {"event": "end", "text": "done: all 3 requested jobs are finished"}
    assert {"submitted", "message"} < {event["event"] for event in events}


def test_a_search_whose_reader_was_killed_goes_on(experiment: Any) -> None:
    one = experiment()
    child = one.start("--events")
    child.stdout.close()
    child.wait()
    assert child.returncode == 0
    assert [job["status"] for job in one.jobs()] == ["complete"] * 3


def test_same_seed_same_points(experiment: Any) -> None:
    def points(name: str, *flags: str) -> list[Any]:
        one = experiment(name=name)
        one.run(*flags)
        return [job["params"] for job in one.jobs()]

    assert points("a", "--seed", "7") == points("b", "--seed", "7")
    assert points("c", "--seed", "8") != points("a")


@pytest.mark.server
def test_points_do_not_depend_on_the_kind_of_database(experiment: Any, mongo_address: str) -> None:
    objective = """
        def main(job_id, params):
            x, n, act = params["x"], params["n"][0], params["act"][0]
            if n == 1:
                return float("nan")
            if act == "none":
                raise ValueError("no such network")
            return {"error": float(sum((x - 0.3) ** 2)) + n / 10, "power": float(x[0] - x[1]) / 3}
        """
    changes: dict[str, Any] = {
        "variables": {
            "x": {"type": "FLOAT", "size": 2, "min": -1e-7, "max": 1},
            "n": {"type": "INT", "min": 1, "max": 9},
            "act": {"type": "ENUM", "options": ["relu", "elu", "none"]},
        },
        "tasks": {"error": {"type": "OBJECTIVE"}, "power": {"type": "CONSTRAINT"}},
        "chooser": "default_chooser",
    }

    def jobs(address: str) -> list[Any]:
        name = f"points-{uuid.uuid4().hex[:8]}"
        database = {"address": address, "name": name}
        one = experiment(objective, name, database=database, **changes)
        # Stopped and started again: the model's hyper-parameters come back from the database.
        one.run("--seed", "3", "--max-finished-jobs", "6")
        one.run("--seed", "3", "--max-finished-jobs", "12")
        return [
            (job["status"], job["params"], [repr(v) for v in (job.get("values") or {}).values()])
            for job in one.jobs()
        ]

    in_a_file = jobs("sqlite:jobs.sqlite")
    assert len(in_a_file) == 12
    assert in_a_file == jobs(mongo_address)


def test_as_many_jobs_at_a_time_as_allowed_and_not_more(experiment: Any) -> None:
    one = experiment(
        """
        import os, time
        def running():
            return len([name for name in os.listdir() if name.startswith("running-")])
        def main(job_id, params):
            open(f"running-{job_id}", "w").close()
            while job_id <= 3 and not os.path.exists("full"):
                if running() == 3:
                    open("full", "w").close()
                time.sleep(0.02)
            count = running()
            os.remove(f"running-{job_id}")
            return {"main": params["x"][0], "measurements": {"count": count}}
        """,
        max_finished_jobs=9,
    )
    one.run("--max-concurrent", "3")
    assert max(job["measurements"]["count"] for job in one.jobs()) <= 3


def test_each_resource_has_its_own_limits_output_and_environment(experiment: Any) -> None:
    one = experiment(
        """
        import os
        def main(job_id, params):
            print("on", os.environ.get("DEVICE"))
            return 0.5
        """,
        resources={
            "cpu": {"max-finished-jobs": 2},
            "gpu": {"max-finished-jobs": 3, "environment-file": "gpu env", "output-subdir": "g u"},
        },
        max_finished_jobs=None,
    )
    (one.folder / "gpu env").write_text("DEVICE='seven $x'\nexport OTHER=1\n")
    one.run()
    by_resource = {
        name: [job["id"] for job in one.jobs() if job["resource"] == name]
        for name in ("cpu", "gpu")
    }
    assert {name: len(ids) for name, ids in by_resource.items()} == {"cpu": 2, "gpu": 3}
    assert "on None" in one.output(by_resource["cpu"][0])
    path = one.folder / "g u" / f"{by_resource['gpu'][0]:08d}.out"
    assert "on seven $x" in path.read_text()


def test_constraints_vectors_and_options(experiment: Any) -> None:
    one = experiment(
        """
        import numpy as np
        def main(job_id, params):
            assert params["v"].dtype == np.float64 and params["v"].shape == (2,)
            assert params["n"].dtype == np.int64 and params["n"].shape == (1,)
            assert params["o"] in (["a b"], [True], [3])
            value = float(params["v"].sum())
            if value < 0.5:
                return {"f": float("nan"), "c": value - 1.0, "reason": "rejected"}
            return {"f": value, "c": np.array([value - 1.0])}
        """,
        variables={
            "v": {"type": "FLOAT", "size": 2, "min": 0, "max": 1},
            "n": {"type": "INT", "min": 1, "max": 3},
            "o": {"type": "ENUM", "options": ["a b", True, 3]},
        },
        tasks={"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT"}},
        max_finished_jobs=12,
    )
    text = one.run()
    jobs = one.jobs()
    assert {job["status"] for job in jobs} == {"complete"}, text
    met = [job for job in jobs if job["values"]["c"] >= 0]
    best = min(met, key=lambda job: job["values"]["f"])
    assert f"best observed: f {best['values']['f']:.6g}" in text.splitlines()[-6]
    assert f"in job {best['id']}" in text.splitlines()[-6]
    assert "v[0]" in text
    assert "(not met)" in text


def test_finite_space_ends_with_a_sentence(experiment: Any) -> None:
    one = experiment(variables={"x": {"type": "INT", "min": 1, "max": 3}}, max_finished_jobs=None)
    assert "done: all 3 points of the search space have been tried" in one.run()
    assert sorted(job["params"]["x"]["values"][0] for job in one.jobs()) == [1, 2, 3]


def test_running_jobs_finish_after_max_time(experiment: Any) -> None:
    one = experiment(
        """
        import time
        def main(job_id, params):
            time.sleep(1.5)
            return 1.0
        """,
        max_finished_jobs=None,
    )
    # With the underscore of HyperPower's flags. On a slow machine no job may start in this time.
    text = one.run("--max_time", "1")
    assert "done: time limit of 1 s reached" in text
    assert all(job["status"] == "complete" for job in one.jobs())


def test_five_broken_jobs_and_no_complete_one_end_a_search(experiment: Any) -> None:
    one = experiment(
        """
        def main(job_id, params):
            raise ValueError("no\\ndata")
        """,
        max_finished_jobs=50,
    )
    text = one.run(status=1)
    assert [job["status"] for job in one.jobs()] == ["broken"] * 5
    assert "5 jobs in a row broke, all because of: ValueError: no data" in text
    assert "output/00000005.out" in text
    assert "Traceback" in one.output(5)
    # Corrected, it continues.
    (one.folder / "objective.py").write_text("def main(job_id, params):\n    return 1\n")
    one.run("--max-finished-jobs", "7")
    assert [job["status"] for job in one.jobs()] == ["broken"] * 5 + ["complete"] * 2
    one.run("--max-finished-jobs", "7", "--retry_broken")
    assert [job["status"] for job in one.jobs()] == ["complete"] * 7


def test_a_run_with_broken_jobs_alone_has_failed(experiment: Any) -> None:
    one = experiment("def main(job_id, params): return 'x'")
    text = one.run(status=1)
    assert "job 1 broken: main returned 'x'; expected a number" in text


def test_other_variables_than_stored_are_refused(experiment: Any) -> None:
    one = experiment()
    one.run()
    other = experiment(variables={"y": {"type": "FLOAT", "min": 0, "max": 1}})
    text = other.run(status=2)
    assert "cleanup.sh" in text
    assert len(text.strip().splitlines()[-1]) < 400
    tasks = experiment(tasks={"f": {"type": "OBJECTIVE"}})
    assert "got the tasks ['main']; config.json has ['f']" in tasks.run(status=2)


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_stopping_requeues_jobs(experiment: Any, signal_name: str) -> None:
    number = getattr(signal, signal_name)
    one = experiment(
        """
        import subprocess, sys, time
        def main(job_id, params):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            open("pid", "w").write(str(child.pid))
            open("there", "w").close()
            time.sleep(600)
        """
    )
    child = one.start()
    one.wait_for((one.folder / "there").exists)
    child.send_signal(number)
    text = one.finish(child, 128 + number)
    assert "1 running job was requeued" in text
    (job,) = one.jobs()
    assert (job["status"], job.get("lost", 0)) == ("new", 0)
    pid = int((one.folder / "pid").read_text())
    one.wait_for(lambda: not Path(f"/proc/{pid}").exists())
    (one.folder / "objective.py").write_text("def main(job_id, params):\n    return 1\n")
    text = one.run()
    assert "job 1 submitted again" in text
    assert [job["attempt"] for job in one.jobs()] == [2, 1, 1]


def test_module_form_and_any_folder(experiment: Any, tmp_path: Path) -> None:
    one = experiment()
    done = subprocess.run(
        [sys.executable, "-m", "spearmint.main", "--max-finished-jobs", "1", str(one.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(one.jobs()) == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--max-finished-jobs", "0"], "got '0'; expected a whole number, 1 or more"),
        (["--max-time", "x"], "got 'x'; expected seconds, more than 0"),
        (["--nonsense"], "DIR"),
        ([], "DIR"),
    ],
)
def test_wrong_flags_are_one_line(
    flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(flags)
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_errors_of_the_user_have_exit_status_2(experiment: Any, tmp_path: Path) -> None:
    text = experiment(name="a").run("--config", "c.json", status=2)
    assert "c.json: no such file" in text
    one = experiment(name="c", chooser="bayes", polling_time="now", chooser_args={"grid-size": 0})
    both = one.run(status=2).splitlines()
    assert len(both) == 2
    assert 'chooser: got "bayes"; expected one of' in "".join(both)
    assert 'polling-time: got "now"; expected' in "".join(both)
    one = experiment(name="b", chooser="bayes")
    text = one.run(status=2)
    assert text.startswith(f'{one.folder}/config.json: chooser: got "bayes"; expected one of')
    assert {path.name for path in one.folder.iterdir()} == {"config.json", "objective.py"}
    one = experiment(name="c", database={"address": "sqlite:/proc/none/x.sqlite"})
    assert len(one.run(status=2).splitlines()) == 1
    one = experiment(name="d", polling_tim=3, seed=None)
    text = one.run("--max-finished-jobs", "1")
    assert "unknown key, ignored" in text


def test_habits_of_the_original_are_accepted(experiment: Any) -> None:
    one = experiment(
        main_file="objective",
        variables={"x": {"type": " int ", "size": 1, "min": 0.0, "max": 3.0}},
        chooser="default_chooser",
        chooser_args={"parallel-opt": True},
        polling_time=0,
        max_finished_jobs=1,
    )
    text = one.run()
    assert "chooser-args.parallel-opt: unknown key, ignored; known keys: " in text
    (job,) = one.jobs()
    assert (job["status"], job["main-file"]) == ("complete", "objective.py")


def test_two_interrupts_before_the_loop_end_it_without_a_traceback(
    experiment: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("spearmint.config.load", interrupt)
    assert main([str(experiment().folder)]) == 130
    assert capsys.readouterr() == ("", "")

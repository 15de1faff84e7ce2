"""`python -m hwsearch.report` on real databases."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pymongo
import pytest

from hwsearch.experiment import Archive
from hwsearch.experiment.run_lock import run_lock
from hwsearch.report.databases import Runs
from spearmint import processes
from spearmint.database import connect
from tests.hwsearch.report import example
from tests.servers import mongo
from tests.spearmint.test_original_database import jobs_of_the_original

ROOT = Path(__file__).resolve().parents[3]
MAIN = importlib.import_module("hwsearch.report.__main__").main
#: An identity of a process that has ended.
ENDED = f"{processes.host()}:999999999:1"


@pytest.fixture(autouse=True)
def _no_other_database(monkeypatch):
    monkeypatch.delenv("SPEARMINT_DB_ADDRESS", raising=False)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """An experiment that tests only read."""
    return example.made(tmp_path_factory.mktemp("report") / "an é 'folder'")


@pytest.fixture
def experiment(tmp_path):
    """One that a test may change, with a former run."""
    made = example.made(tmp_path / "folder", example.FORMER)
    Archive(made).put_aside()
    made = example.made(made.folder)
    made.best_model.write_bytes(b"model")
    with example.database(made) as store:  # job 8 was interrupted
        changes = {"status": "new"}
        assert store.update(example.RUN, 8, status="pending", attempt=1, changes=changes)
        assert store.update(example.FORMER, 8, status="pending", attempt=1, changes=changes)
    return made


@pytest.fixture
def report(capsys):
    def run(*words: object) -> tuple[int, str, str]:
        try:
            status = MAIN([str(word) for word in words])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_the_page_of_a_run(experiment, report, tmp_path):
    assert report(experiment.folder, "--html") == (0, f"page: {experiment.page}\n", "")
    text = experiment.page.read_text(encoding="utf-8")
    assert f"<h1>{example.RUN}</h1>" in text
    elsewhere = tmp_path / "former.html"
    status, out, err = report(experiment.folder, example.FORMER, "--html", elsewhere)
    assert (status, out, err) == (0, f"page: {elsewhere}\n", "")
    assert f"<h1>{example.FORMER}</h1>" in elsewhere.read_text(encoding="utf-8")
    missing = tmp_path / "missing" / "page.html"
    status, out, err = report(experiment.folder, "--html", missing)
    assert (status, out, err) == (2, "", f"--html: {missing}: No such file or directory\n")


def test_figures_without_a_browser(unchanged, report, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = report(unchanged.folder, "--figures", tmp_path / "figures")
    assert (status, out) == (2, "")
    assert err.startswith("--figures: found none of chromium, ")
    assert "apt-get install chromium" in err


def test_the_report_of_a_folder(unchanged, report):
    status, out, err = report(unchanged.folder)
    assert (status, err) == (0, "")
    assert out.startswith(f"run {example.RUN}: error as low as possible with power below 85 W\n")
    assert "  3    6.5 %  84.0 ± 0.5 W\n" in out
    assert report(unchanged.spearmint_dir)[1] == out
    assert report(unchanged.folder, example.RUN)[1] == out
    assert report(f"sqlite:{unchanged.database_dir / 'spearmint.sqlite'}")[1] == out


def test_the_script_runs_from_anywhere(unchanged, tmp_path):
    done = subprocess.run(
        [ROOT / "report.sh", unchanged.folder, "--export", "json"],
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["best"] == [3, 1]


def test_runs_of_a_folder_are_listed(experiment, report):
    with example.database(experiment) as store:  # of another folder that uses the same database
        store.add_job("elsewhere", {"params": {}, "expt_dir": "/another"})
    status, out, _ = report(experiment.folder, "--list")
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == f"2 runs: {experiment.folder}"
    assert [line.split()[0] for line in lines[2:]] == [example.FORMER, example.RUN]
    assert all(" stopped " in line and "7 of 9" in line for line in lines[2:])
    out = report(f"sqlite:{experiment.database_dir / 'spearmint.sqlite'}", "--list")[1]
    assert out.startswith("3 runs: sqlite:")


def test_a_run_that_was_put_aside_keeps_its_settings(experiment, report):
    status, out, _ = report(experiment.folder, example.FORMER, "--status")
    assert status == 0
    assert out.startswith(f"run {example.FORMER}: stopped\n7 of 9 networks finished, 1 waiting\n")


def test_an_empty_run_has_a_status(tmp_path, report):
    experiment = example.made(tmp_path)
    with example.database(experiment) as store:
        store.drop(example.RUN)
    status, out, _ = report(tmp_path, "--status")
    assert (status, out) == (
        0,
        f"run {example.RUN}: empty\n0 of 9 networks finished\nbest: none yet\n",
    )
    assert report(tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{folder}", "hyperpower-20260102-03040"], "NAME: got 'hyperpower-20260102-03040'; expec"),
        (["{folder}/nowhere"], "/nowhere: no such folder; expected an experiment's, or the addres"),
        (["{folder}/tmp"], "/tmp: no run; expected the folder of an experiment that was started"),
        (["sqlite:{folder}/none.sqlite"], "none.sqlite: does not exist"),
        (["env:NO_SUCH_VARIABLE_HERE"], "env:NO_SUCH_VARIABLE_HERE: that environment variable"),
    ],
)
def test_a_mistake_is_one_line(words, message, unchanged, report):
    status, out, err = report(*(word.format(folder=unchanged.folder) for word in words))
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_faulty_config(tmp_path, report):
    (tmp_path / "config.json").write_text("{")
    status, _, err = report(tmp_path)
    assert status == 2
    assert err.startswith(f"{tmp_path / 'config.json'}: is not JSON")


def test_an_experiment_of_spearmints_own_form(tmp_path, report):
    config = {
        "experiment-name": "é\x1b[2J",
        "main-file": "branin.py",
        "max-finished-jobs": 3,
        "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 1}},
        "tasks": {
            "speed": {"type": "OBJECTIVE", "negated": True},
            "power": {"type": "CONSTRAINT"},
            "ok": {"type": "CONSTRAINT", "likelihood": "BINOMIAL"},
        },
        "database": {"address": "sqlite:jobs.sqlite"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    with connect(f"sqlite:{tmp_path / 'jobs.sqlite'}") as store:
        for number, (speed, power, ok) in enumerate([(3.0, 1.0, 1), (4.0, 0.0, 1), (9.0, 2.0, 0)]):
            values = {"speed": -speed, "power": power, "ok": ok}
            params = {"x": {"type": "float", "values": [0.25, number / 4]}}
            job_id = store.add_job("é\x1b[2J", {"params": params})
            claimed = store.claim("é\x1b[2J", job_id, ENDED, 60.0)
            changes = {"status": "complete", "values": values}
            assert store.update("é\x1b[2J", job_id, status="pending", attempt=1, changes=changes)
            assert claimed
    status, out, _ = report(tmp_path)
    assert status == 0
    assert out.startswith(
        "run é\\x1b[2J: speed as high as possible with power at least 0, ok at least 1\n"
        "3 jobs: 3 complete\n"
    )
    assert "  2        4      0   1\n  1        3      1   1\n" in out
    assert "  ok at least 1  1           0 (job 3)  0 (job 3)\n" in out
    assert "3 of 3 jobs finished" in report(tmp_path, "--status")[1]


def test_a_real_search_is_seen_and_not_deleted(tmp_path, report):
    (tmp_path / "objective.py").write_text(
        "import pathlib, time\n"
        "def main(job_id, params):\n"
        "    while not pathlib.Path('go').exists():\n"
        "        time.sleep(0.05)\n"
        "    return float(params['x'][0])\n"
    )
    config = {
        "experiment-name": "é",
        "main-file": "objective.py",
        "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
        "database": {"address": "sqlite:jobs.sqlite"},
        "max-finished-jobs": 1,
        "polling-time": 0.1,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    command = [sys.executable, str(ROOT / "spearmint" / "main.py"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as search:
        try:
            deadline = time.monotonic() + 240
            while "job 1 running" not in (out := report(tmp_path, "--status")[1]):
                assert time.monotonic() < deadline, out
                assert search.poll() is None
                time.sleep(0.2)
            assert out.startswith(f"run é: running (process {search.pid})\n0 of 1 job finished\n")
            address = f"sqlite:{tmp_path / 'jobs.sqlite'}"
            for place in (tmp_path, address):
                status, _, err = report(place, "--delete", "é", "--yes")
                assert status == 2
                assert "stop it first (Ctrl-C)" in err
            assert report(address, "é", "--export", "csv")[1].count("\n") == 2
        finally:
            (tmp_path / "go").touch()
    assert search.returncode == 0
    assert report(tmp_path, "--watch")[1].startswith("run é: complete\n1 of 1 job finished\nbest: ")
    assert "  suggesting  " in report(tmp_path)[1]
    assert report(tmp_path, "--delete", "é", "--yes")[0] == 0
    assert report(tmp_path, "--status")[1].startswith("run é: empty\n")


def test_a_search_is_seen_by_its_controller_its_lock_or_a_lease(experiment, report):
    def state():
        return report(experiment.folder, "--status")[1].splitlines()[0].partition(": ")[2]

    assert state() == "stopped"
    with example.database(experiment) as store:
        assert store.claim(example.RUN, 8, "elsewhere/1/2:5:5", 600.0)
        assert state() == "running (job 8, on another machine)"
        assert store.beat(example.RUN, 8, 2, -1.0)
        assert state() == "stopped"
        store.add_job(example.RUN, {"params": {}, "controller": processes.identity()})
    assert state() == f"running (process {os.getpid()})"


def test_a_search_without_a_job_is_seen_by_its_lock(experiment, report):
    with (
        run_lock(experiment) as lock,
        subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock]
        ) as child,
    ):
        out = report(experiment.folder, "--status")[1]
        assert out.startswith(f"run {example.RUN}: running (process {child.pid})\n")
        child.communicate()


def test_watching_ends_with_the_run(experiment, report, monkeypatch):
    searchers = iter(["process 1", "process 1", ""])
    monkeypatch.setattr(Runs, "searcher", lambda *_: next(searchers))
    status, out, _ = report(experiment.folder, "--watch", "0.01")
    assert status == 0
    # What has not changed is not printed again.
    assert [line for line in out.splitlines() if line.startswith("run ")] == [
        f"run {example.RUN}: running (process 1)",
        f"run {example.RUN}: stopped",
    ]
    assert "Best within the bounds" in out


def test_a_run_is_deleted_with_its_files_and_no_other(experiment, report):
    key = experiment.spearmint_dir / ".database-key"
    key.write_bytes(b"of the jobs of all runs")
    status, out, err = report(experiment.folder, "--delete", example.RUN, "--yes")
    assert (status, err) == (0, "")
    assert f"among them the trained best network: {experiment.best_model}\n" in out
    assert out.splitlines()[-1].startswith(f"deleted: {example.RUN}: 8 jobs, ")
    assert not experiment.best_model.exists()
    assert experiment.template.is_file()
    with example.database(experiment) as store:
        assert store.experiments() == [example.FORMER]
        assert store.hypers(example.RUN) == {}
    former = experiment.previous(example.FORMER)
    assert former.is_dir()
    assert key.exists()
    assert report(experiment.folder, "--list")[1].startswith("1 run: ")
    assert report(experiment.folder, "--delete", example.FORMER, "--yes")[::2] == (0, "")
    assert not former.exists()
    assert not key.exists()
    status, _, err = report(experiment.folder, "--delete", example.FORMER, "--yes")
    assert status == 2
    assert "has no runs" in err


def test_files_that_an_interrupted_deletion_left_are_deleted(experiment, report):
    with example.database(experiment) as store:
        store.drop(example.RUN)
    status, out, _ = report(experiment.folder, "--delete", example.RUN, "--yes")
    assert status == 0
    assert f"deleted: {example.RUN}: 0 jobs, " in out
    assert not experiment.settings_file.exists()


def test_from_an_address_only_jobs_are_deleted(experiment, report):
    address = f"sqlite:{experiment.database_dir / 'spearmint.sqlite'}"
    status, out, _ = report(address, "--delete", example.RUN, "--yes")
    assert status == 0
    assert "no file is deleted: scripts, models and output of its jobs stay\n" in out
    assert experiment.best_model.exists()
    status, _, err = report(address, "--delete", "nothing", "--yes")
    assert status == 2
    assert f"NAME: got 'nothing'; expected one of {example.FORMER}" in err


def test_nothing_is_deleted_without_an_answer(experiment, report, monkeypatch):
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        status, _, err = report(experiment.folder, "--delete", example.RUN)
    assert status == 2
    assert err == "--delete: got no terminal to ask on; expected --yes\n"
    assert experiment.best_model.exists()
    assert report(experiment.folder, "--status")[0] == 0


def test_a_run_is_not_deleted_while_it_runs(experiment, report):
    with run_lock(experiment):
        status, _, err = report(experiment.folder, "--delete", example.RUN, "--yes")
        assert status == 2
        assert "another run is active in this folder" in err
    with example.database(experiment) as store:
        assert store.claim(example.RUN, 8, processes.identity(), 60.0)
    status, _, err = report(experiment.folder, "--delete", example.RUN, "--yes")
    assert status == 2
    assert err == f"job 8 of {example.RUN} is running; stop it first (Ctrl-C)\n"
    assert experiment.best_model.exists()


def test_a_former_run_is_deleted_while_another_one_runs(experiment, report):
    with (
        run_lock(experiment) as lock,
        subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock]
        ) as child,
    ):
        assert report(experiment.folder, "--delete", example.FORMER, "--yes")[0] == 0
        child.communicate()
    assert experiment.settings_file.is_file()


@pytest.mark.server
def test_a_mongodb_server(mongo_address, report, monkeypatch):
    name = "report-of-é"
    with connect(mongo_address, "reports") as store:
        store.drop(name)
        store.restore(name, example.jobs()[:7])
    flags = ["--database_name", "reports"]
    monkeypatch.setenv("REPORTS", mongo_address)
    for place in (mongo_address, "env:REPORTS"):
        status, out, err = report(place, name, *flags)
        assert (status, err) == (0, "")
        assert "  3    6.5 %  84.0 ± 0.5 W\n" in out
        assert "note: the settings of this run are not on this machine" in out
    assert name in report(mongo_address, "--list", *flags)[1]
    status, out, _ = report(mongo_address, "--delete", name, "--yes", *flags)
    assert (status, out.splitlines()[-1]) == (0, f"deleted: {name}: 7 jobs, 0 files")
    assert f"no name; expected one of {name}" not in report(mongo_address, *flags)[2]
    with connect(mongo_address, "reports") as store:
        assert name not in store.experiments()


@pytest.mark.server
def test_a_run_of_the_2018_tool(mongo_address, tmp_path, report):
    """Packed arrays, slacks instead of costs, no settings: only config.json is there."""
    name, run = "report-2018", "hyperpower-2018"
    config = {
        "experiment-name": run,
        "main-file": "mainrun.py",
        "variables": {"x": {"type": "FLOAT", "size": 1, "min": 0, "max": 1}},
        "tasks": {"power": {"type": "CONSTRAINT"}, "error": {"type": "OBJECTIVE"}},
        "database": {"name": name, "address": mongo_address},
    }
    (tmp_path / "keras_model").mkdir()
    (tmp_path / "spearmint").mkdir()
    (tmp_path / "spearmint" / "config.json").write_text(json.dumps(config))
    jobs = jobs_of_the_original(str(tmp_path / "spearmint"))
    for job in jobs:
        job["main-file"] = "mainrun.py"
    with pymongo.MongoClient(mongo_address) as client:
        client[name][f"{run}.jobs"].insert_many(jobs)
        try:
            status, out, err = report(tmp_path)
            state = report(tmp_path, "--status")[1]
        finally:
            client.drop_database(name)
    assert (status, err) == (0, "")
    assert out.startswith(
        f"run {run}: error as low as possible with power at least 0\n"
        "10 jobs: 6 complete, 1 no value, 2 broken, 1 running\nnote: neither the settings"
    )
    assert "  v[19]  " in out
    assert "  2    3.01397  0.0818182\n" in out
    assert "running" not in state
    assert "interrupted: job 10" in state


@pytest.mark.server
def test_the_results_of_a_server_that_has_been_stopped(mongod, tmp_path, report, monkeypatch):
    experiment = example.made(tmp_path / "experiment")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "mongod").symlink_to(mongo.executable())
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    with mongo.started(experiment.database_dir) as server, connect(server.address) as store:
        store.restore(example.RUN, example.jobs(str(experiment.spearmint_dir)))
        config = json.loads(experiment.config_file.read_text(encoding="utf-8"))
        config["database"]["address"] = server.address
        experiment.config_file.write_text(json.dumps(config), encoding="utf-8")
    status, out, err = report(experiment.folder)
    assert (status, err) == (0, "")
    assert "  3    6.5 %  84.0 ± 0.5 W\n" in out
    assert report(experiment.folder, "--delete", example.RUN, "--yes")[0] == 0

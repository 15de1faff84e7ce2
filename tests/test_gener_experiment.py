"""gener_experiment.py, with an optimiser that only writes down how it was started."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.environment import of_a_user

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = """\
lr = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 5}
act = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "elu"]}
"""
# Another Spearmint, of which only the command line is known: main.py [--config NAME] DIR.
SPEARMINT = """
import json, os, pathlib, signal, sys, time
here = pathlib.Path(sys.argv[-1])
(here / "output" / "00000001.out").write_text("job 1")
(here.parent / "tmp" / "00000001_keras_net.py").write_text("lr = 0.1")
(here / "started.txt").write_text(json.dumps(sys.argv[1:]))
print("connects to", os.environ.get("SPEARMINT_DB_ADDRESS", "")[::-1])
if os.environ.get("WAIT"):
    try:
        time.sleep(900)
    except KeyboardInterrupt:
        sys.exit(130)
sys.exit(int(os.environ.get("STATUS", "0")))
"""
FLAGS = ("--optimize", "error", "--constraint", "params", "--constraint_val", "5e4")
NEEDS_A_GPU = """
import os
if os.environ.get("CUDA_VISIBLE_DEVICES") == "-1":
    raise RuntimeError("no GPU")
"""
Launch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / 'it\'s an "experiment" é'
    (folder / "keras_model").mkdir(parents=True)
    (folder / "keras_model" / "network_def.py").write_text(TEMPLATE)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    root = tmp_path / "spearmint's root"
    (root / "spearmint").mkdir(parents=True)
    (root / "spearmint" / "main.py").write_text(SPEARMINT)
    return of_a_user() | {"SPEARMINT_ROOT": str(root)}


def command(*flags: str) -> list[str]:
    return [sys.executable, str(ROOT / "gener_experiment.py"), *flags]


@pytest.fixture
def launch(folder: Path, environment: dict[str, str], tmp_path: Path) -> Launch:
    def run(*flags: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command("--experiment", str(folder), *flags),
            cwd=tmp_path,
            env=environment | changes,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_fresh_run(launch: Launch, folder: Path) -> None:
    done = launch(*FLAGS, "--epochs", "2", "--max_finished_jobs", "3", "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert "error as low as possible with params below 50,000 parameters" in done.stdout
    started: object = load(folder / "spearmint/started.txt")
    assert started == [str(folder / "spearmint")]
    config = load(folder / "spearmint/config.json")
    assert config["experiment-name"].startswith("hyperpower-20")
    assert set(config["variables"]) == {"lr", "act"}
    assert set(config["tasks"]) == {"error", "params"}
    assert config["max-finished-jobs"] == 3
    assert config["database"] == {"name": "spearmint", "address": "localhost"}
    settings = load(folder / "tmp/settings.json")
    assert settings["constraints"] == {"params": 50000.0}
    assert (settings["epochs"], settings["seed"]) == (2, 7)
    assert load(folder / "tmp/template.json")["text"] == TEMPLATE
    compile((folder / "spearmint/mainrun.py").read_text(), "mainrun.py", "exec")
    assert (folder / "keras_model/network_def.py").read_text() == TEMPLATE


def test_keras_2_spelling_is_noted_once(launch: Launch, folder: Path) -> None:
    path = folder / "keras_model/network_def.py"
    path.write_text(TEMPLATE + "opt = SGD(\n    lr=lr, momentum=0.9\n)\n")
    done = launch(*FLAGS)
    assert done.returncode == 0, done.stderr
    said = f"note: {path}:3: SGD(lr=) is the Keras 2 spelling; in Keras 3: learning_rate=\n"
    assert done.stdout.count(said) == 1


def test_a_second_run_keeps_the_first(launch: Launch, folder: Path) -> None:
    launch(*FLAGS)
    first = load(folder / "tmp/settings.json")["experiment_name"]
    (folder / "tmp/mine.txt").write_text("kept")
    done = launch(*FLAGS)
    second = load(folder / "tmp/settings.json")["experiment_name"]
    assert first != second
    kept = folder / "tmp/previous" / first
    assert str(kept) in done.stdout
    assert load(kept / "spearmint/config.json")["experiment-name"] == first
    assert (kept / "spearmint/output/00000001.out").read_text() == "job 1"
    assert (folder / "tmp/mine.txt").read_text() == "kept"


def test_resume_continues_under_the_same_name(launch: Launch, folder: Path) -> None:
    launch(*FLAGS, "--epochs", "2", "--max_finished_jobs", "3")
    name = load(folder / "tmp/settings.json")["experiment_name"]
    done = launch("--resume", "--max-finished-jobs", "5")
    assert done.returncode == 0, done.stderr
    settings = load(folder / "tmp/settings.json")
    assert (settings["experiment_name"], settings["epochs"]) == (name, 2)
    assert load(folder / "spearmint/config.json")["max-finished-jobs"] == 5
    assert not (folder / "tmp/previous").exists()


def test_resume_of_a_run_that_was_moved_aside(launch: Launch, folder: Path) -> None:
    launch(*FLAGS)
    first = load(folder / "tmp/settings.json")["experiment_name"]
    launch(*FLAGS)
    second = load(folder / "tmp/settings.json")["experiment_name"]
    assert launch("--resume", first).returncode == 0
    assert load(folder / "spearmint/config.json")["experiment-name"] == first
    assert [path.name for path in (folder / "tmp/previous").iterdir()] == [second]


@pytest.mark.parametrize(
    ("flags", "template", "fault"),
    [
        (("--resume", "x"), TEMPLATE, "--resume: got 'x'; expected one of hyperpower-"),
        (
            ("--resume", "--epochs", "9"),
            TEMPLATE,
            "has the script's epochs, got --epochs 9; expected",
        ),
        (
            ("--resume",),
            TEMPLATE.replace(', "transform": "NEGEXP10"', ""),
            "'lr' was INT 1..5 NEGEXP10 and is INT 1..5",
        ),
        ((*FLAGS, "--epochs", "0"), TEMPLATE, "--epochs: got '0'"),
        (FLAGS, TEMPLATE + "HYPERPARAM", "network_def.py:3: HYPERPARAM: got"),
    ],
)
def test_a_fault_moves_and_writes_nothing(
    launch: Launch, folder: Path, flags: tuple, template: str, fault: str
) -> None:
    launch(*FLAGS)
    (folder / "keras_model/network_def.py").write_text(template)
    before = contents(folder)
    del before["tmp/run.lock"]  # says who held the folder last
    done = launch(*flags)
    after = contents(folder)
    del after["tmp/run.lock"]
    assert (done.returncode, done.stdout) == (2, "")
    assert fault in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert after == before


def test_all_faults_of_a_template(launch: Launch, folder: Path) -> None:
    (folder / "keras_model/network_def.py").write_text(
        TEMPLATE.replace('"min": 1', '"min": 7').replace('["relu", "elu"]', "[]")
    )
    done = launch(*FLAGS)
    assert done.returncode == 2
    path = folder / "keras_model" / "network_def.py"
    assert done.stderr.splitlines() == [
        f"{path}:1: hyper-parameter 'lr': min: got 7; expected less than max (5)",
        f"{path}:2: hyper-parameter 'act': options: got []; expected a list of at least one option",
    ]
    assert [p.name for p in folder.iterdir()] == ["keras_model"]


def test_what_is_missing(launch: Launch, folder: Path, tmp_path: Path) -> None:
    done = launch(*FLAGS, SPEARMINT_ROOT=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"SPEARMINT_ROOT: got {str(tmp_path)!r}; expected a folder with")
    (folder / "keras_model/network_def.py").unlink()
    assert "network_def.py: no such file; expected" in launch(*FLAGS).stderr
    done = launch("--resume")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_batch_system_that_is_not_here(launch: Launch, folder: Path, tmp_path: Path) -> None:
    flags = (*FLAGS, "--scheduler", "slurm", "--scheduler_args", "--partition=gpu")
    done = launch(*flags, SPEARMINT_ROOT="", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        'resource Main: scheduler "SLURM": sbatch, squeue, scancel, sinfo not on'
    )
    assert [path.name for path in folder.iterdir()] == ["keras_model"]


def test_ray_that_is_not_here(launch: Launch, folder: Path) -> None:
    python = folder / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    args = f"--address=auto --python={shlex.quote(str(python))}"
    done = launch(*FLAGS, "--scheduler", "ray", "--scheduler_args", args, SPEARMINT_ROOT="")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f'resource Main: scheduler "RAY": {python} has no package ray; install')
    assert sorted(path.name for path in folder.iterdir()) == ["keras_model", "python"]


def test_several_resources(launch: Launch, folder: Path, tmp_path: Path) -> None:
    resources = {"big": {"scheduler": "SLURM", "max-concurrent": 8}, "here": {}}
    (tmp_path / "r.json").write_text(json.dumps(resources))
    done = launch(*FLAGS, "--resources", "r.json")
    assert done.returncode == 0, done.stderr
    assert load(folder / "spearmint/config.json")["resources"] == resources
    (tmp_path / "r.json").write_text('{"big": {"scheduler": "SLRM"}}')
    done = launch("--resume", "--resources", "r.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('r.json: resources.big.scheduler: got "SLRM"; expected one of ')


def test_an_unknown_meter(launch: Launch, folder: Path) -> None:
    done = launch(*FLAGS, "--meter", "sundial")
    assert done.returncode == 2
    assert done.stderr.startswith("--meter: got 'sundial'; expected one of auto, nvml")
    assert [path.name for path in folder.iterdir()] == ["keras_model"]


def test_the_meter_of_a_run_is_printed(launch: Launch, folder: Path) -> None:
    recording = folder / "recording é.csv"
    recording.write_text("time_s,power_w\n0,60\n1,61\n")
    flags = ("--optimize", "error", "--constraint", "power", "--constraint_val", "85")
    done = launch(*flags, "--meter", f"replay:{recording}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("power is measured with replay (power_w)\n")


def test_what_can_be_measured_here_is_listed() -> None:
    done = subprocess.run(command("--list-meters"), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "This machine can measure: " in done.stdout


def test_nothing_to_resume(launch: Launch, folder: Path) -> None:
    done = launch("--resume")
    assert done.returncode == 2
    assert done.stderr == f"--resume: no earlier run found in {folder}\n"


def test_the_optimisers_exit_status_is_passed_on(launch: Launch) -> None:
    assert launch(*FLAGS, STATUS="3").returncode == 3


def test_a_time_limit_holds_for_an_optimiser_without_one(launch: Launch) -> None:
    assert launch(*FLAGS, "--max_time", "2", WAIT="1").returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_reaches_the_optimiser_and_a_second_run_is_refused_meanwhile(
    launch: Launch, folder: Path, environment: dict[str, str], sent: signal.Signals
) -> None:
    running = subprocess.Popen(
        command("--experiment", str(folder), *FLAGS), env=environment | {"WAIT": "1"}
    )
    try:
        while not (folder / "spearmint/started.txt").exists():
            assert running.poll() is None
            time.sleep(0.05)
        refused = launch(*FLAGS)
        assert refused.returncode == 2
        assert f"another run is active in this folder (process {running.pid})" in refused.stderr
        running.send_signal(sent)
        assert running.wait(240) == (130 if sent == signal.SIGINT else 143)
    finally:
        running.kill()
        running.wait()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("sqlite:a b.sqlite", "sqlite:{cwd}/a b.sqlite"),
        ("results.db", "sqlite:{cwd}/results.db"),
        ("mongodb://host:1/?x=y.db", "mongodb://host:1/?x=y.db"),
        ("host:27017", "host:27017"),
    ],
)
def test_database_addresses(
    launch: Launch, folder: Path, tmp_path: Path, given: str, written: str
) -> None:
    launch(*FLAGS, "--database", given)
    address = load(folder / "spearmint/config.json")["database"]["address"]
    assert address == written.format(cwd=tmp_path)
    launch("--resume")
    assert load(folder / "spearmint/config.json")["database"]["address"] == address


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://joe:S3cret@host:1/?authSource=admin",
        "mongodb+srv://joe:S3cret@host.example",
        "mongodb://host:1/?tlsCertificateKeyFilePassword=S3cret&tls=true",
    ],
)
def test_a_password_reaches_the_optimiser_but_no_file(
    launch: Launch, folder: Path, address: str
) -> None:
    done = launch(*FLAGS, "--database", address)
    assert done.returncode == 0, done.stderr
    assert f"connects to {address[::-1]}\n" in done.stdout
    assert "S3cret" not in done.stdout + done.stderr
    assert not [name for name, content in contents(folder).items() if b"S3cret" in content]
    stored = load(folder / "spearmint/config.json")["database"]["address"]
    assert stored.startswith(address.split("joe", maxsplit=1)[0].split("?", maxsplit=1)[0])
    # Without its password, the next start has to be told.
    done = launch("--resume", SPEARMINT_DB_ADDRESS=address)
    assert f"connects to {address[::-1]}\n" in done.stdout
    assert not [name for name, content in contents(folder).items() if b"S3cret" in content]


@pytest.mark.parametrize(
    "address",
    [
        "joe:S3cret@host:1",
        "http://joe:S3cret@host",
        "mongodb://j@e:S3cret@host:x",
        "mongodb://joe:S3cret@host:1/?nonsense=1",
        "mongodb://joe:S3cret@127.0.0.1:1/?serverSelectionTimeoutMS=50",
        "mongodb://127.0.0.1:1/?tls=true&tlsCertificateKeyFilePassword=S3cret"
        "&tlsCertificateKeyFile=/nonexistent",
    ],
)
def test_no_message_has_a_password(folder: Path, environment: dict[str, str], address: str) -> None:
    del environment["SPEARMINT_ROOT"]
    done = subprocess.run(
        command("--experiment", str(folder), *FLAGS, "--database", address),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "S3cret" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in folder.iterdir()] == ["keras_model"]


def test_a_database_that_cannot_be_reached(
    folder: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["SPEARMINT_ROOT"]
    (tmp_path / "broken.sqlite").write_text(
        "this is not a database, but a text of some length" * 10
    )
    done = subprocess.run(
        command("--experiment", str(folder), *FLAGS, "--database", str(tmp_path / "broken.sqlite")),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "broken.sqlite" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in folder.iterdir()] == ["keras_model"]


def test_a_database_in_a_missing_folder(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    launch(*FLAGS)
    before = contents(folder)
    done = launch(*FLAGS, "--database", "sqlite:nowhere/a.sqlite", SPEARMINT_ROOT=str(ROOT))
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert contents(folder) == before


def test_a_folder_whose_name_is_not_text(folder: Path, environment: dict[str, str]) -> None:
    odd = os.fsencode(folder) + b"\xff"
    folder.rename(os.fsdecode(odd))
    done = subprocess.run(
        [*map(os.fsencode, command(*FLAGS, "--experiment")), odd],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "which is not UTF-8" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_closed_streams_and_a_reader_that_has_gone(
    folder: Path, environment: dict[str, str]
) -> None:
    def through(shell: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f'"$@" {shell}', "-", *command(*FLAGS, "--experiment", str(folder))],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = through("<&- >&-")
    assert (done.returncode, done.stderr) == (0, "")
    done = through("| true; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("141\n", "")


#: Runs a program as a script, and presses Ctrl-C as soon as it imports a module of ours.
INTERRUPTED = """
import runpy, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("hwsearch", "spearmint"):
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    "program",
    [
        "gener_experiment.py",
        "hyperpower.py",
        "run_tool.py",
        "spearmint/main.py",
        "hwsearch/finish/__main__.py",
        "hwsearch/predict/__main__.py",
    ],
)
def test_ctrl_c_while_modules_are_imported_shows_no_traceback(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(ROOT / program), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


NETWORK = """\
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
x_train, y_train, x_test, y_test = x[:300], y[:300], x[300:], y[300:]
batch_size = 50
units = HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 64}
model = keras.Sequential(
    [keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(2, activation="softmax")]
)
lr = HYPERPARAM{"type": "INT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 4}
model.compile(keras.optimizers.SGD(lr), "sparse_categorical_crossentropy", metrics=["accuracy"])
"""


def jobs(folder: Path) -> list[dict]:
    from spearmint.database import connect

    name = load(folder / "spearmint/config.json")["experiment-name"]
    database = connect(str(folder / "mongodb/spearmint.sqlite"))
    try:
        return database.jobs(name)
    finally:
        database.close()


def test_a_template_that_always_fails_ends_the_search_after_its_first_job(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    (folder / "keras_model/network_def.py").write_text(
        'units = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 9}\nopen("no_such.csv")\n'
    )
    done = launch("--optimize", "error", "--max_finished_jobs", "9")
    assert done.returncode == 2, done.stderr
    why = "keras_model/network_def.py:2: FileNotFoundError: [Errno 2] No such file or directory:"
    assert f"stopped: no job of this experiment can succeed: {why} 'no_such.csv'" in done.stdout
    assert [job["status"] for job in jobs(folder)] == ["broken"]


def test_all_missing_modules_are_named_before_the_search(launch: Launch, folder: Path) -> None:
    path = folder / "keras_model/network_def.py"
    path.write_text(TEMPLATE + "import no_such_a\nimport no_such_b\n")
    done = launch(*FLAGS)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{path}:3: no module named 'no_such_a' in ")
    assert "-m pip install no_such_b (" in second
    assert not (folder / "tmp").exists()


def test_a_network_that_takes_too_long_or_too_much_memory_is_a_failure(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    (folder / "keras_model/network_def.py").write_text(
        'import os, time\nunits = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 9}\n'
        "hoard = bytearray(b'x') * (2 * 2**30 if os.path.exists('hoards') else 1)\n"
        "time.sleep(900)\n"
    )
    flags = ("--optimize", "error", "--max_finished_jobs", "1", "--job_timeout", "2s")
    done = launch(*flags)
    assert done.returncode == 1, done.stderr
    assert "  1 × ended: it took longer than job-timeout, 2 s\n" in done.stdout
    (folder / "keras_model/hoards").touch()
    flags = ("--max_finished_jobs", "2", "--job_timeout", "1h", "--job_memory", "1.5GiB")
    done = launch("--resume", *flags)
    assert "  1 × ended: it used more memory than job-memory, 1.5 GiB\n" in done.stdout
    assert [job["status"] for job in jobs(folder)] == ["complete", "complete"]


def test_json_of_a_request_that_is_wrong_is_nothing(launch: Launch, folder: Path) -> None:
    (folder / "tmp").mkdir()
    (folder / "tmp/summary.json").write_text('{"run": "an earlier one"}')
    done = launch(*FLAGS, "--json", "--epochs", "0")
    assert (done.returncode, done.stdout) == (2, "")
    done = launch("--json", "--resume", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--resume: no earlier run found in ")


@pytest.mark.slow
def test_a_search_that_needs_no_training(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    # A training would take the time limit of the test, and longer.
    endless = NETWORK + "model.fit(x_train, y_train, epochs=10**9)\n"
    (folder / "keras_model/network_def.py").write_text(endless)
    flags = ("--optimize", "runtime", "--constraint", "params", "--constraint_val", "300")
    done = launch(*flags, "--max_finished_jobs", "3", "--profile_time_limit", "0.5")
    assert done.returncode == 0, done.stderr
    outcomes = [job["measurements"]["outcome"] for job in jobs(folder)]
    assert set(outcomes) <= {"measured", "rejected"}
    measured = outcomes.count("measured")
    assert measured >= 1
    assert f"3 networks: {measured} measured only" in done.stdout
    assert "  model   not trained: no metric of the search needs a training\n" in done.stdout
    assert not (folder / "tmp/best_model.keras").exists()
    best = load(folder / "tmp/best.json")
    assert f"Best network under the budget: job {best['job']}\n" in done.stdout
    runtimes = [job["values"]["runtime"] for job in jobs(folder) if job["values"]["params"] >= 0]
    assert best["objective"] == min(runtimes)


@pytest.mark.slow
def test_several_objectives_from_the_flag_to_the_front(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    flags = ("--optimize", "error,params", "--epochs", "1", "--max_finished_jobs", "2")
    done = launch(*flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--optimize: got several metrics with SPEARMINT_ROOT" in done.stderr
    del environment["SPEARMINT_ROOT"]
    (folder / "keras_model/network_def.py").write_text(NETWORK)
    done = launch(*flags)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error and params as low as possible\n" in done.stdout
    assert "\nPareto front of error and params\n" in done.stdout
    tasks = load(folder / "spearmint/config.json")["tasks"]
    assert {name: task["type"] for name, task in tasks.items()} == {
        "error": "OBJECTIVE",
        "params": "OBJECTIVE",
    }
    for job in jobs(folder):
        metrics = job["measurements"]["metrics"]
        assert job["values"] == {name: metrics[name]["value"] for name in tasks}
    found = load(folder / "tmp/summary.json")
    front = [entry["job"] for entry in found["front"]]
    assert found["best"]["job"] == front[0] == load(folder / "tmp/best.json")["job"]
    kept = {int(path.name.removeprefix("job-")) for path in (folder / "models").iterdir()}
    assert kept == set(front)
    assert all(Path(entry["paths"]["folder"]).is_dir() for entry in found["front"])


@pytest.mark.slow
def test_a_sweep_of_budgets_reuses_each_training(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    (folder / "keras_model/network_def.py").write_text(NETWORK)
    flags = ("--optimize", "error", "--epochs", "1", "--max_finished_jobs", "2")
    done = launch(*flags, "--sweep", "params", "400,2k")
    assert done.returncode == 0, done.stdout + done.stderr
    first = "params below 2,000 parameters; budget 1 of 2, until 1 of 2 networks are finished\n"
    assert f"error as low as possible with {first}" in done.stdout
    assert "\nbounds changed from params below 2,000 parameters to params below 400" in done.stdout
    assert done.stdout.count("Best network for each budget\n") == 1
    assert load(folder / "spearmint/config.json")["max-finished-jobs"] == 2
    loose, tight = load(folder / "tmp/summary.json")["sweep"]
    assert (loose["below"], tight["below"]) == (2000, 400)
    found = {job["id"]: job for job in jobs(folder)}
    assert sorted(found) == [1, 2]
    least = min(job["values"]["error"] for job in found.values() if job["values"]["error"])
    assert loose["best"]["values"]["error"]["value"] == least
    assert Path(loose["best"]["paths"]["folder"]).is_dir()
    assert load(folder / "tmp/settings.json")["constraints"] == {"params": 400}


@pytest.mark.slow
def test_paused_trainings_go_on_after_kill_9(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    (folder / "keras_model/network_def.py").write_text(NETWORK)
    flags = ("--optimize", "error", "--epochs", "4", "--max_finished_jobs", "1")
    with subprocess.Popen(
        command("--experiment", str(folder), *flags, "--stop", "freeze-thaw"),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as search:
        assert search.stdout is not None
        for line in search.stdout:
            if "paused after epoch 1, 25 % of its training: error " in line:
                break
        listed = ["ps", "-o", "pid=", "--ppid", str(search.pid)]
        children = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        for number in (search.pid, *map(int, children.split())):
            os.kill(number, signal.SIGKILL)
    states = folder / "tmp/paused"
    assert list(states.iterdir())
    done = launch("--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not states.exists()
    found = jobs(folder)
    ended = [job for job in found if job["status"] == "complete"]
    assert [len(job["measurements"]["history"]["loss"]) for job in ended] == [4]
    paused = [job for job in found if job["status"] == "paused"]
    assert len(ended) + len(paused) == len(found)
    counts = load(folder / "tmp/summary.json")["counts"]
    assert (counts["trained"], counts["paused"]) == (1, len(paused))
    assert f"Best network: job {ended[0]['id']}\n" in done.stdout
    for job in paused:
        assert job["progress"] == len(job["measurements"]["history"]["loss"]) / 4


@pytest.mark.slow
def test_our_own_optimiser_from_template_to_report_and_resumed(
    launch: Launch, folder: Path, environment: dict[str, str]
) -> None:
    del environment["SPEARMINT_ROOT"]
    # Candidates of a script that needs a GPU cannot be checked before they become jobs.
    (folder / "keras_model/network_def.py").write_text(NETWORK + NEEDS_A_GPU)
    flags = ("--optimize", "error", "--constraint", "params", "--constraint_val", "400")
    first = launch(*flags, "--epochs", "1", "--max_finished_jobs", "2")
    assert first.returncode == 0, first.stderr
    assert re.search(r"2 networks(.|\n)*\npage: .*/tmp/report\.html\n", first.stdout)
    lines = re.findall(r"^job \d+: .*", first.stdout, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        assert re.search(r" params [\d,]+ of 400 parameters: ", line)
        assert line.endswith(": over the budget, not trained") == ("error" not in line)
    assert not re.search(r"^  lr +[1-4]$", first.stdout, re.MULTILINE)  # the optimiser's value
    found = jobs(folder)
    assert [job["status"] for job in found] == ["complete", "complete"]
    assert all(set(job["values"]) == {"error", "params"} for job in found)
    assert load(folder / "tmp/summary.json")["counts"]["networks"] == 2
    outcomes = [job["measurements"]["outcome"] for job in found]
    assert "rejected" in outcomes
    wider = ("--constraint", "params", "--constraint_val", "2k")
    second = launch("--resume", "--max_finished_jobs", "3", *wider, "--json")
    assert second.returncode == 0, second.stderr
    answer = json.loads(second.stdout)
    assert answer == load(folder / "tmp/summary.json")
    assert (answer["exit_status"], answer["counts"]["networks"]) == (0, 3)
    assert Path(answer["best"]["paths"]["script"]).is_file()
    assert "job 3: " in second.stderr
    assert re.search(r"\d+ rejected networks? meets? the new bounds", second.stderr), second.stderr
    assert "3 networks: 3 trained\n" in second.stderr
    assert "The bounds were params below 400 parameters before." in second.stderr
    assert [job["id"] for job in jobs(folder)] == [1, 2, 3]
    for job, outcome in zip(jobs(folder), outcomes, strict=False):
        assert job["measurements"]["outcome"] == "trained"
        assert job["values"]["params"] == 2000 - job["measurements"]["metrics"]["params"]["value"]
        [former] = job["earlier"]
        assert ("measurements" in former) == (outcome == "rejected")
    before = contents(folder)
    other = folder / "other.sqlite"
    elsewhere = launch("--resume", "--max_finished_jobs", "4", "--database", f"sqlite:{other}")
    assert (elsewhere.returncode, elsewhere.stdout) == (2, "")
    assert "other.sqlite, which has no jobs of hyperpower-" in elsewhere.stderr
    assert contents(folder) == before | {"tmp/run.lock": contents(folder)["tmp/run.lock"]}
    rendered = (folder / "tmp/00000003_keras_net.py").read_text()
    assert "HYPERPARAM" not in rendered

    # A folder from an earlier version names modules for preloading that no longer exist.
    config = load(folder / "spearmint/config.json")
    config["preload"] = ["hwsearch.former"]
    (folder / "spearmint/config.json").write_text(json.dumps(config))
    old = subprocess.run(
        [sys.executable, str(ROOT / "spearmint/main.py"), str(folder / "spearmint")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert old.returncode == 0, old.stdout + old.stderr
    assert [job["status"] for job in jobs(folder)] == ["complete"] * 3

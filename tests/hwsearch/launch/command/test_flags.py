"""Flags: what each gives, and one line for every fault."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.launch.command import flags
from hwsearch.launch.command.request import Request

BASE = ["--experiment", "dir", "--optimize", "error"]


def read(*texts: str) -> Request:
    return flags.read([*BASE, *" ".join(texts).split()])


def faults(*argv: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        flags.read(argv)
    return str(caught.value).split("\n")


def test_the_contracts_command_line() -> None:
    request = read("--epochs 2 --constraint power --constraint_val 1000.0")
    assert request.experiment == "dir"
    assert request.given == {"optimize": "error", "epochs": 2}
    assert request.constraints == {"power": 1000.0}
    assert not request.resume


def test_every_flag() -> None:
    request = read(
        "--constraint power --constraint_val 85 --constraint runtime --constraint_val 33%",
        "--epochs 3 --seed 7 --max_finished_jobs 20 --max_time 90m --max_concurrent 2",
        "--job_timeout 2h --job_memory 8GiB --train_timeout 10m --max_trained 9",
        "--database h:1 --resume old --retry_broken --debug --meter nvml --profile_batch_size 32",
        "--profile_repeats 4 --profile_time_limit 5 --profile_target_error 0.1",
    )
    assert request.constraints["power"] == 85.0
    assert math.isnan(request.constraints["runtime"])
    assert request.shares == {"runtime": 33.0}
    assert request.database == "h:1"
    assert request.resume == "old"
    assert request.retry_broken
    assert request.given == {
        "optimize": "error",
        "further_objectives": {},
        "maximize": False,
        "epochs": 3,
        "seed": 7,
        "max_finished_jobs": 20,
        "max_trained": 9,
        "max_time": 5400.0,
        "train_timeout": 600.0,
        "job_timeout": 7200.0,
        "job_memory": 2**33,
        "max_concurrent": 2,
        "debug": True,
        "meter": "nvml",
        "profile_batch_size": 32,
        "profile_repeats": 4,
        "profile_time_limit": 5.0,
        "profile_target_error": 0.1,
    }


@pytest.mark.parametrize(
    "words",
    [
        ["--scheduler_args", "--partition=gpu"],
        ["--scheduler-args", "--partition=gpu"],
        ["--scheduler_args=--partition=gpu"],
    ],
)
def test_arguments_of_a_scheduler_may_look_like_flags(words: list[str]) -> None:
    request = flags.read([*BASE, "--scheduler", "SLURM", *words, "--max_concurrent", "8"])
    assert request.given == {
        "optimize": "error",
        "scheduler": "slurm",
        "scheduler_args": "--partition=gpu",
        "max_concurrent": 8,
    }
    request = flags.read([*BASE, "--scheduler=pbs", "--scheduler_args", "--constraint a -l 'b c'"])
    assert request.given["scheduler_args"] == "--constraint a -l 'b c'"
    assert request.constraints == {}


def test_resources_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "modules.sh").write_text("")
    file = tmp_path / "resources.json"
    file.write_text(
        '{"big": {"scheduler": "SLURM", "max-concurrent": 8, "environment-file": "modules.sh"},'
        ' "here": {}}'
    )
    request = flags.read([*BASE, "--resources", str(file)])
    assert request.resources_file == str(file)
    assert request.given["resources"] == {
        "big": {
            "scheduler": "SLURM",
            "max-concurrent": 8,
            "environment-file": str(tmp_path / "modules.sh"),
        },
        "here": {},
    }
    for flag, name in (
        ("--scheduler=pbs", "'scheduler'"),
        ("--scheduler_args=-x", "'scheduler-args'"),
        ("--max_concurrent=2", "'max-concurrent'"),
    ):
        (fault,) = faults(*BASE, "--resources", str(file), flag)
        expected = f"given with --resources; expected it in {str(file)!r}, as {name} of each"
        assert fault.partition(": ")[2] == f"{expected} resource"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "expected a JSON file (No such file or directory)"),
        ("{", "expected a JSON file (Expecting property name"),
        ("[]", 'expected a JSON file such as {"gpu": {"scheduler": "SLURM"'),
        ("{}", 'expected a JSON file such as {"gpu": {"scheduler": "SLURM"'),
        ('{"a": 1}', 'expected a JSON file such as {"gpu": {"scheduler": "SLURM"'),
        (
            '{"a": {"environment-file": "none.sh"}}',
            "expected the environment-file of a ('none.sh') to be a file in ",
        ),
    ],
)
def test_files_without_resources(tmp_path: Path, text: str | None, expected: str) -> None:
    file = tmp_path / "resources.json"
    if text is not None:
        file.write_text(text)
    (fault,) = faults(*BASE, "--resources", str(file))
    assert fault.startswith(f"--resources: got {str(file)!r}; {expected}")


@pytest.mark.parametrize("flags", ["--scheduler slurm", "--resources FILE"])
def test_a_percentage_of_networks_that_this_machine_would_measure(
    tmp_path: Path, flags: str
) -> None:
    file = tmp_path / "f.json"
    file.write_text('{"here": {"scheduler": "local"}, "there": {"scheduler": "SGE"}}')
    place = flags.replace("FILE", str(file)).split()
    (fault,) = faults(*BASE, *place, "--constraint", "power", "--constraint_val", "33%")
    assert fault.startswith("--constraint_val: got a percentage for power, which would be ")
    computed = ["--constraint", "params", "--constraint_val", "33%"]
    assert read(*place, *computed).shares == {"params": 33.0}
    assert read("--scheduler local --constraint power --constraint_val 33%").shares


def test_the_path_of_a_recording_becomes_absolute_because_jobs_run_elsewhere(monkeypatch) -> None:
    here = Path.cwd()
    assert read("--meter replay:rec.csv").given["meter"] == f"replay:{here}/rec.csv"
    assert read("--meter replay:/a/b.json").given["meter"] == "replay:/a/b.json"
    monkeypatch.setenv("HYPERPOWER_REPLAY", "x/y.csv")
    assert read("--meter replay").given["meter"] == f"replay:{here}/x/y.csv"
    monkeypatch.delenv("HYPERPOWER_REPLAY")
    assert read("--meter replay").given["meter"] == "replay"
    assert read("--meter nvml:x").given["meter"] == "nvml:x"


def test_dashes_or_underscores_and_values_after_an_equals_sign() -> None:
    a = flags.read([*BASE, "--max-finished-jobs=3", "--constraint-val", "5", "--constraint=power"])
    b = flags.read(
        [*BASE, "--max_finished_jobs", "3", "--constraint", "power", "--constraint_val=5"]
    )
    assert a == b
    assert flags.read(["--experiment=a-b_c", "--optimize=error"]).experiment == "a-b_c"


def test_the_last_of_a_flag_counts() -> None:
    assert flags.read([*BASE, "--epochs", "15", "--epochs", "3"]).given["epochs"] == 3


def test_a_resumed_run_needs_only_its_folder() -> None:
    request = flags.read(["--experiment", "dir", "--resume"])
    assert request.resume is True
    assert request.given == {}


@pytest.mark.parametrize("words", [["--resume="], ["--resume", ""], [*BASE[2:], "--resume", ""]])
def test_an_empty_name_begins_no_fresh_run(words: list[str]) -> None:
    expected = "--resume: got ''; expected the name of a run, or nothing after it"
    assert faults("--experiment", "dir", *words) == [expected]


def test_meters_need_no_experiment() -> None:
    assert flags.read(["--list-meters"]).list_meters


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1.5", 1.5), ("90s", 90), ("90m", 5400), ("2h", 7200), ("1d", 86400)],
)
def test_times(text: str, seconds: float) -> None:
    assert flags.read([*BASE, "--max_time", text]).given["max_time"] == seconds


@pytest.mark.parametrize(
    ("argv", "fault"),
    [
        ("--optimize error", "--experiment: got nothing; expected the folder of an experiment"),
        ("--experiment d", "--optimize: got nothing; expected one of error, power, energy"),
        (
            "--experiment d --optimize eror",
            "--optimize: got 'eror'; expected one of error, power, energy, runtime, memory, "
            "params, macs, training_time, training_memory, or val_NAME: a metric that the compiled "
            "model reports; did you mean 'error'?",
        ),
        (
            "--experiment d --optimize error --constraint watts --constraint_val 1",
            "--constraint: got 'watts'; expected one of error, power",
        ),
        (
            "--experiment d --optimize error --constraint error --constraint_val 1",
            "--constraint: got 'error', which is optimised; expected one of power, energy",
        ),
        (
            "--experiment d --optimize error --constraint power",
            "--constraint: got 1 (power) and 0 --constraint_val (none); expected one "
            "--constraint_val for each --constraint",
        ),
        (
            "--experiment d --optimize error --constraint_val 5",
            "--constraint: got 0 (none) and 1 --constraint_val (5); expected one",
        ),
        (
            "--experiment d --optimize error --constraint power --constraint_val 5 "
            "--constraint power --constraint_val 6",
            "--constraint: got 'power' 2 times; expected it once",
        ),
        (
            "--experiment d --optimize runtime",
            "--optimize: got 'runtime' without a constraint; expected e.g. --constraint error",
        ),
        (
            "--experiment d --maximize runtime",
            "--maximize: got 'runtime' without a constraint; expected e.g. --constraint error "
            "--constraint_val 5 (otherwise the largest network would win)",
        ),
        (
            "--experiment d --optimize accuracy",
            "--optimize: got 'accuracy'; expected one of error, power, energy, runtime, memory, "
            "params, macs, training_time, training_memory, or val_NAME: a metric that the compiled "
            "model reports; did you mean 'val_accuracy'?",
        ),
        (
            "--experiment d --optimize val_dice",
            "--optimize: got 'val_dice', of which the tool does not know whether more is better; "
            "expected --maximize val_dice or --minimize val_dice",
        ),
        (
            "--experiment d --optimize error,power --constraint power --constraint_val 1",
            "--constraint: got 'power', which is optimised; expected one of energy, runtime",
        ),
        (
            "--experiment d --optimize runtime,power",
            "--optimize: got runtime, power without a constraint; expected e.g. --constraint",
        ),
        (
            "--experiment d --optimize training_time",
            "--optimize: got 'training_time' without a constraint; expected e.g. --constraint",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep power 60",
            "--sweep: got '60' for power; expected at least two bounds, such as 60,70",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep power 60,70,60",
            "--sweep: got '60,70,60' for power; expected each bound once",
        ),
        (
            "--experiment d --profile 99999999999",
            "--profile: got '99999999999'; expected a whole number above 0, at most 10,000",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep power 60,x",
            "--sweep: got 'x' for power; expected a number above 0",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep powr 60,70",
            "--sweep: got 'powr'; expected one of error, power",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep runtime 10%,20%",
            "--sweep: got '10%' for runtime; expected a number",
        ),
        (
            "--experiment d --profile 5 --max_time 9 --sweep power 60,70",
            "--optimize: got nothing; expected one of error, power",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep val_auc >=0.5,0.9",
            "--sweep: got '>=0.5,0.9' for val_auc; expected upper bounds, or all with >=",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep power 6,7 --sweep macs 1k,2k",
            "--sweep: given 2 times (power, macs); expected once",
        ),
        (
            "--experiment d --optimize error --sweep power 60,70",
            "--sweep: given without a limit that budgets can share; expected one of --max_fin",
        ),
        (
            "--experiment d --optimize error --max_finished_jobs 2 --sweep power 60,70,80",
            "--max_finished_jobs: got 2 with --sweep of 3 budgets; expected at least one network",
        ),
        (
            "--experiment d --optimize error,macs --max_time 9 --sweep power 60,70",
            "--sweep: given with several objectives, whose front has the best of every budget",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep power 60,70 "
            "--constraint power --constraint_val 85",
            "--sweep: got 'power', which --constraint bounds; expected only one of the two",
        ),
        (
            "--experiment d --optimize error --max_time 9 --sweep error 6,7",
            "--sweep: got 'error', which is optimised; expected one of power",
        ),
        (
            "--experiment d --optimize error --retry_broken",
            "--retry_broken: given without --resume; expected both",
        ),
        (
            "--experiment d --optimize error --scheduler_args --mem=8G",
            "--scheduler_args: given for local jobs; expected --scheduler slurm",
        ),
        (
            "--experiment d --resume --scheduler local --scheduler_args --mem=8G",
            "--scheduler_args: given for local jobs; expected --scheduler slurm",
        ),
        (
            "--experiment d --optimize error --scheduler slrm",
            "--scheduler: got 'slrm'; expected one of local, slurm, pbs, sge, ray; did you mean "
            "'slurm'?",
        ),
        ("--experiment d --optimize error --epoch 3", "--epoch: no such flag; --help shows all"),
        ("--experiment d --optimize error extra", "got 'extra' without a flag; --help shows all"),
        ("--experiment d --optimize", "--optimize: expected one argument"),
    ],
)  # fmt: skip
def test_faults(argv: str, fault: str) -> None:
    assert faults(*argv.split())[0].startswith(fault)


@pytest.mark.parametrize(
    ("argv", "name", "maximize"),
    [
        ("--optimize val_loss", "val_loss", None),
        ("--optimize val_auc", "val_auc", True),
        ("--optimize val_recall_1", "val_recall_1", True),
        ("--maximize val_dice", "val_dice", True),
        ("--minimize val_dice", "val_dice", None),
        ("--minimize val_accuracy", "val_accuracy", None),
        ("--maximize val_loss", "val_loss", True),
    ],
)
def test_objectives_and_their_directions(argv: str, name: str, maximize: bool | None) -> None:
    given = flags.read(["--experiment", "d", *argv.split()]).given
    assert given == {"optimize": name} | ({} if maximize is None else {"maximize": maximize})


def test_a_resumed_run_may_name_its_objective_as_before() -> None:
    resumed = ["--experiment", "d", "--resume", "--optimize"]
    one = {"further_objectives": {}}
    assert flags.read([*resumed, "val_dice"]).given == {"optimize": "val_dice"} | one
    assert flags.read([*resumed, "error"]).given == {"optimize": "error", "maximize": False} | one


@pytest.mark.parametrize(
    ("flag", "texts"),
    [
        ("--epochs", ["0", "-1", "2.5", "x", "", "1e3", "9" * 30]),
        ("--seed", ["-1", "4294967296", "x", "1.0"]),
        ("--max_finished_jobs", ["0", "many"]),
        ("--max_time", ["0", "-1", "3w", "h", "nan", "1e300d"]),
        ("--job_timeout", ["0", "-1", "3w", ""]),
        ("--job_memory", ["0", "8 apples", "-1GiB", "1KiB", ""]),
        ("--max_concurrent", ["0"]),
        ("--scheduler", ["", "lsf"]),
        ("--scheduler_args", ["", " ", "'x", "a\nb"]),
        ("--profile_batch_size", ["0", "1.5"]),
        ("--profile_repeats", ["0"]),
        ("--profile_time_limit", ["0s"]),
        ("--profile_target_error", ["0", "1", "2%"]),
        ("--meter", [""]),
    ],
)
def test_texts_that_are_not_values(flag: str, texts: list[str]) -> None:
    for text in texts:
        (fault,) = faults(*BASE, f"{flag}={text}")
        assert fault.startswith(f"{flag}: got {text!r}; expected ")


def test_all_faults_are_reported_together() -> None:
    assert len(faults("--optimize", "x", "--epochs", "0", "--seed", "y", "--debugg")) == 5


def test_help_describes_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        flags.read(["-h"])
    assert caught.value.code == 0
    shown = "".join(capsys.readouterr().out.split())
    for entry in flags.FLAGS.values():
        assert entry.flag + "".join(entry.metavar.split()) in shown.replace("[", "").replace(
            "]", ""
        )
        assert "".join(entry.help_line.split()) in shown


def test_help_shows_the_defaults_of_the_settings() -> None:
    default = Settings("run", "error")
    for name in ("seed", "max_concurrent", "profile_repeats", "meter"):
        assert flags.FLAGS[name].help_line.endswith(f" (default: {getattr(default, name)})")
    assert flags.FLAGS["epochs"].help_line.endswith(" (default: the script's, or 50)")


def test_every_flag_is_in_one_group() -> None:
    grouped = [name for group in flags.GROUPS.values() for name in group]
    assert sorted(grouped) == sorted(flags.FLAGS)


def test_every_setting_that_is_not_a_flag_is_known() -> None:
    hidden = {"experiment_name", "constraints", "shares"}
    hidden |= {"former_constraints", "further_objectives"}
    assert {entry.name for entry in fields(Settings)} - hidden <= set(flags.FLAGS)


WORDS = st.sampled_from(
    [f"--{name}" for name in flags.FLAGS]
    + ["error", "power", "5", "33%", "d", "", "-", "--", "-5", "=", "--=", "90m"]
)


@given(st.lists(WORDS | st.text(max_size=5).filter(lambda word: not word.startswith("-h"))))
def test_any_words_are_a_request_or_faults(argv: list[str]) -> None:
    try:
        request = flags.read(argv)
    except UserError as error:
        message = str(error)
    else:
        assert request.list_meters or request.experiment
        return
    assert message


def test_profiles_alone_or_before_a_search() -> None:
    alone = flags.read(["--experiment", "dir", "--profile", "20"])
    assert (alone.profile, alone.only_profiles, alone.given) == (20, True, {})
    assert not read("--profile 20").only_profiles
    resumed = flags.read(["--experiment", "dir", "--profile", "20", "--resume"])
    assert (resumed.profile, resumed.only_profiles) == (20, False)


def test_costs_of_another_experiment() -> None:
    found = read("--learn_costs_from other")
    assert (found.learn_costs_from, found.only_profiles) == (["other"], False)
    assert read("--learn_costs_from a --learn_costs_from b").learn_costs_from == ["a", "b"]
    assert "learn_costs_from" not in found.given


def test_faults_about_profiles() -> None:
    base = ["--experiment", "dir", "--profile"]
    assert faults(*base, "0") == ["--profile: got '0'; expected a whole number above 0"]
    [fault] = faults(*base, "3", "--constraint", "runtime", "--constraint_val", "1")
    assert fault.startswith("--optimize: got nothing")
    [fault] = faults(*BASE, "--profile", "3", "--scheduler", "slurm")
    assert fault.startswith("--profile: got 3 for jobs that run elsewhere; expected local jobs")


def test_a_sweep_begins_with_the_loosest_budget() -> None:
    request = flags.read([*BASE, "--sweep", "runtime", "5us,7us,6us", "--max_time", "9"])
    assert request.given["sweep"] == {"runtime": [7e-6, 6e-6, 5e-6]}
    assert request.constraints == {"runtime": 7e-6}
    resumed = flags.read(["--experiment=d", "--resume", "--sweep", "runtime", "5us,7us,6us"])
    assert (resumed.given, resumed.constraints) == ({"sweep": request.given["sweep"]}, {})

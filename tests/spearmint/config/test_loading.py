from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.config import TOP_KEYS, ConfigError, decode, load, parse
from spearmint.config.loading import SHORTEST_POLLING_TIME
from spearmint.config.resources import RESOURCE_KEYS
from spearmint.config.tasks import TASK_KEYS
from spearmint.errors import UserError

PLAIN: dict[str, Any] = {
    "language": "PYTHON",
    "main-file": "branin.py",
    "experiment-name": "branin",
    "likelihood": "NOISELESS",
    "variables": {"x": {"type": "FLOAT", "size": 1, "min": -5, "max": 10}},
}
FULL: dict[str, Any] = {
    **PLAIN,
    "variables": {
        "x": {"type": "FLOAT", "size": 2, "min": -5, "max": 10},
        "n": {"type": "INT", "size": 1, "min": 1, "max": 9},
        "act": {"type": "ENUM", "size": 1, "options": ["relu", "elu", 3, True]},
    },
    "tasks": {
        "error": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"},
        "ok": {
            "type": "CONSTRAINT",
            "likelihood": "BINOMIAL",
            "min-confidence": 0.9,
            "main-file": "ok.py",
            "language": "python",
            "resources": ["gpu"],
        },
    },
    "resources": {
        "cpu": {"scheduler": "local", "max-concurrent": 4, "max-finished-jobs": 30},
        "gpu": {"environment-file": "gpu.env", "output-subdir": "out gpu", "scheduler-args": {}},
    },
    "chooser": "random_search",
    "chooser-args": {},
    "database": {"name": "mine", "address": "db:27018"},
    "polling-time": 0.5,
    "grid_size": 200,
    "grid_seed": 7,
    "preload": ["json"],
    "seed": 3,
    "max-time": 60,
    "max-finished-jobs": 40,
    "lease-time": 5,
    "job-timeout": 5400,
    "job-memory": "8GiB",
    "output-limit": 1000000,
}


def faults_of(mapping: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(mapping, environ={})
    return caught.value.faults


def changed(path: str, value: Any) -> dict[str, Any]:
    mapping = copy.deepcopy(FULL)
    *parents, key = path.split("/")
    inner = mapping
    for parent in parents:
        inner = inner[parent]
    inner[key] = value
    return mapping


def test_defaults() -> None:
    config = parse({k: v for k, v in PLAIN.items() if k != "likelihood"}, environ={})
    (resource,) = config.resources
    assert (config.task_names, resource.name) == (["main"], "Main")
    assert (config.address, config.database) == ("localhost", "spearmint")
    assert (config.polling_time, config.seed, config.max_time) == (5.0, 0, None)
    assert config.main_file == "branin.py"
    assert config.warnings == ()


def test_every_key_arrives() -> None:
    config = parse(FULL, environ={})
    assert config.task_names == ["error", "ok"]
    assert config.main_file == {"error": "branin.py", "ok": "ok.py"}
    assert (config.tasks[1].likelihood, config.tasks[1].min_confidence) == ("BINOMIAL", 0.9)
    (gpu,) = config.resources
    assert (gpu.environment_file, gpu.output_subdir) == (Path("gpu.env"), "out gpu")
    assert (config.address, config.database) == ("db:27018", "mine")
    assert (config.polling_time, config.preload, config.seed) == (0.5, ("json",), 3)
    assert (config.max_time, config.max_finished_jobs, config.lease_time) == (60, 40, 5)
    assert (config.problem.chooser, config.problem.grid_size) == ("random_search", 200)
    assert [variable.size for variable in config.problem.variables] == [2, 1, 1]
    (line,) = config.warnings
    assert line.endswith("resources.cpu: receives no jobs: the tasks ok may not run on it")


def test_null_is_the_same_as_an_absent_key() -> None:
    absent = {key: value for key, value in PLAIN.items() if key != "likelihood"}
    assert parse({**dict.fromkeys(TOP_KEYS), **absent}, environ={}) == parse(absent, environ={})


def test_a_polling_time_of_zero_is_the_shortest() -> None:
    assert parse({**PLAIN, "polling-time": 0}, environ={}).polling_time == SHORTEST_POLLING_TIME


def test_type_of_a_variable_may_have_blanks_around_it() -> None:
    config = parse(changed("variables/n/type", " int "), environ={})
    assert config.problem.variables[1].kind == "INT"


def test_a_misspelt_key_is_named_beside_the_fault_that_it_causes() -> None:
    mapping = {"main_file" if key == "main-file" else key: PLAIN[key] for key in PLAIN}
    with pytest.raises(ConfigError) as caught:
        parse(mapping, environ={})
    assert str(caught.value).splitlines() == [
        'warning: config.json: main_file: unknown key, ignored; did you mean "main-file"?',
        "config.json: main-file: got nothing; expected the file that defines main(job_id, params)",
    ]


def test_main_file_without_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**PLAIN, "main-file": "branin"}))
    (tmp_path / "branin.py").write_text("")
    assert load(tmp_path).main_file == "branin.py"


def test_the_environment_overrides_the_address_of_the_file() -> None:
    config = parse(FULL, environ={"SPEARMINT_DB_ADDRESS": "mongodb://other:1"})
    assert config.address == "mongodb://other:1"
    assert parse(FULL, environ={"SPEARMINT_DB_ADDRESS": ""}).address == "db:27018"


def test_sqlite_path_is_relative_to_the_folder_of_the_file(tmp_path: Path) -> None:
    mapping = {**PLAIN, "database": {"address": "sqlite:../mongodb/spearmint.sqlite"}}
    folder = tmp_path / "é x" / "spearmint"
    config = parse(mapping, folder=folder, files=False, environ={})
    assert config.address == f"sqlite:{tmp_path}/é x/mongodb/spearmint.sqlite"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("variables/x/type", "FLAOT", ['variables.x.type: got "FLAOT"', "FLOAT, INT, ENUM"]),
        ("tasks/error/likelihood", "STEP", ['tasks.error.likelihood: got "STEP"']),
        ("tasks/ok/likelihood", "BINOMINAL", ['(did you mean "BINOMIAL"?)']),
        ("tasks/ok/resources", ["gpv"], ['tasks.ok.resources: got "gpv"', "cpu, gpu"]),
        ("tasks/ok/language", "MATLAB", ['tasks.ok.language: got "MATLAB"', '"PYTHON"']),
        ("tasks/error/resources", ["cpu"], ["without a resource in common"]),
        ("resources/cpu/scheduler", "SLRUM", ['resources.cpu.scheduler: got "SLRUM"']),
        ("database/address", 3, ["database.address: got 3"]),
        ("database", "localhost", ['database: got "localhost"', "an object"]),
        ("polling-time", -1, ["polling-time: got -1", "seconds, 0 or more"]),
        ("max-time", 0, ["max-time: got 0", "seconds, more than 0"]),
        ("grid_size", 0, ["grid_size: got 0"]),
        ("seed", "x", ['seed: got "x"', "a whole number"]),
        ("experiment-name", "", ['experiment-name: got ""']),
        ("chooser", 3, ["chooser: got 3", "the name of a chooser"]),
        ("chooser-args", 1, ["chooser-args: got 1"]),
        ("preload", [1], ["preload: got [1]"]),
    ],
)
def test_fault_is_one_line_that_names_key_value_and_remedy(
    path: str, value: Any, words: list[str]
) -> None:
    (fault,) = faults_of(changed(path, value))
    assert fault.startswith("config.json: ")
    assert "; expected " in fault
    for word in words:
        assert word in fault


def test_all_faults_are_reported_together() -> None:
    mapping = changed("variables/x/min", "a")
    mapping["tasks"]["ok"]["likelihood"] = 3
    mapping["resources"]["cpu"]["scheduler"] = "cron"
    mapping["seed"] = []
    del mapping["main-file"]
    assert len(faults_of(mapping)) == 5


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("polling_time", 'did you mean "polling-time"?'),
        ("tasks/ok/likelyhood", 'did you mean "likelihood"?'),
        ("variables/x/maks", 'did you mean "max"?'),
        ("resources/cpu/max-concurent", 'did you mean "max-concurrent"?'),
        ("zzzz", "known keys: experiment-name"),
    ],
)
def test_unknown_key_is_a_warning(path: str, hint: str) -> None:
    mapping = changed(path, 1)
    mapping["tasks"]["ok"]["resources"] = ["cpu", "gpu"]
    (line,) = parse(mapping, environ={}).warnings
    assert path.replace("/", ".") in line
    assert hint in line


def test_files_must_exist(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(FULL))
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    text = str(caught.value)
    for name in ("branin.py", "ok.py", "gpu.env"):
        assert name in text
        (tmp_path / name).write_text("")
    assert load(tmp_path).folder == tmp_path


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"a": 1,\n  "b" 2}', [":2:7: is not JSON"]),
        (b"", [":1:1: is not JSON"]),
        (b'{"a": 1, "a": 2}', ['"a": got twice']),
        (b"\xff\xfe", ["byte 0: got 0xff"]),
        (b"[" * 100_000, ["cannot be read as JSON"]),
        (b'{"a": ' + b"9" * 5000 + b"}", ["cannot be read as JSON"]),
    ],
)
def test_text_that_is_not_json(raw: bytes, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(raw, "c.json")
    for word in words:
        assert word in str(caught.value)


def test_a_missing_folder_or_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected an experiment folder"):
        load(tmp_path / "none")
    with pytest.raises(UserError, match="no such file"):
        load(tmp_path)
    (tmp_path / "config.json").mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_is_accepted() -> None:
    assert decode(b"\xef\xbb\xbf{}") == {}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["FLOAT", "INT", "ENUM", "OBJECTIVE", "CONSTRAINT", "x", "cpu", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "size", "min", "max", "options", *TASK_KEYS, *RESOURCE_KEYS])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The full config with some values replaced, added or removed, at any depth."""
    mapping = copy.deepcopy(FULL)
    for _ in range(draw(st.integers(1, 4))):
        inner: Any = mapping
        while True:
            keys = sorted(inner) if isinstance(inner, dict) else []
            key = draw(st.sampled_from([*keys, *TOP_KEYS[:3]]))
            if key in keys and isinstance(inner[key], dict) and draw(st.booleans()):
                inner = inner[key]
                continue
            break
        if draw(st.booleans()):
            inner[key] = draw(json_values)
        else:
            inner.pop(key, None)
    return mapping


@given(mutated() | json_values)
def test_any_input_gives_a_config_or_faults(mapping: Any) -> None:
    faults = faults_or_config(mapping)
    for line in faults:
        assert line.startswith("config.json: ")
        assert line.isprintable()


def faults_or_config(mapping: Any) -> list[str]:
    try:
        config = parse(mapping, environ={})
    except ConfigError as error:
        faults = error.faults
    else:
        assert config.tasks
        assert config.resources
        return []
    assert faults
    return faults


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes_give_a_config_or_faults(raw: bytes) -> None:
    try:
        mapping = decode(raw)
    except ConfigError:
        return
    faults_or_config(mapping)

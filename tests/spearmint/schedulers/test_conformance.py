"""What every scheduler does: one suite, run on this machine's processes and on batch systems."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from spearmint.config.resources import SCHEDULERS
from spearmint.errors import UserError
from spearmint.schedulers import MODULES

SYSTEMS = ("SLURM", "PBS", "SGE")
SLEEP = """
    child = subprocess.Popen(['sleep', '600'])
    print('BEGAN', child.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(
    params=["local", *(pytest.param(name, marks=pytest.mark.server) for name in SYSTEMS)]
)
def make(
    request: pytest.FixtureRequest,
    make_bench: Callable[..., Any],
    batch_environ: Callable[[str], Any],
) -> Callable[..., Any]:
    """Makes benches of the scheduler."""
    server = None if request.param == "local" else batch_environ(request.param)

    def bench(name: str = "a folder") -> Any:
        found = make_bench(request.param, name)
        found.server = server
        return found

    return bench


def test_the_suite_is_run_on_every_scheduler() -> None:
    assert set(SCHEDULERS) == set(MODULES) == {"local", *SYSTEMS}


def test_runs_a_job(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    spec = bench.spec("print('BEGAN', os.getcwd()); return p['x'] * 2")
    name = scheduler.submit(spec)
    assert scheduler.alive(name)
    ended = bench.end_of(scheduler, name)
    assert not scheduler.alive(name)
    job = bench.job(spec)
    assert (job["status"], job["values"], job["attempt"]) == ("complete", {"main": 0.5}, 1), ended
    assert f"BEGAN {bench.folder}\n" in spec.output.read_text(encoding="utf-8")
    assert job["proc_id"] == name if scheduler.durable_ids else job["proc_id"] > 1
    assert [file.name for file in spec.output.parent.iterdir() if file.suffix != ".pbs"] == [
        spec.output.name
    ]


def test_paths_may_hold_any_character(make: Callable[..., Any]) -> None:
    bench = make("an 'ex\"é %j $HOME\n\\,:;*`#~")
    (bench.folder / "my 'env\n").write_text("WORD='from the \"file\"'\nPYTHONPATH='/x y'\n")
    scheduler = bench.scheduler(environment_file="my 'env\n")
    spec = bench.spec("print('WORD', os.environ['WORD'], sys.path); return 3")
    ended = bench.end_of(scheduler, scheduler.submit(spec))
    assert bench.job(spec).get("values") == {"main": 3.0}, ended
    text = spec.output.read_text(encoding="utf-8")
    assert 'WORD from the "file" [' in text
    assert "'/x y'" in text


def test_stop_puts_a_job_back_and_ends_its_children(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    specs = [bench.spec(SLEEP) for _ in range(2)]
    names = [scheduler.submit(spec) for spec in specs]
    for spec in specs:
        bench.began(spec)
    scheduler.stop(10.0)
    assert not any(map(scheduler.alive, names))
    for spec in specs:
        job = bench.job(spec)
        assert (job["status"], job["reason"], job["proc_id"]) == ("new", "stopped by SIGTERM", None)
        child = int(spec.output.read_text(encoding="utf-8").split("BEGAN")[1].split()[0])
        bench.until(lambda child=child: not bench.runs(child))
    if bench.server:
        bench.until(lambda: bench.server.queue() == [])


def test_what_is_no_longer_wanted_is_ended_alone(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    one, other = bench.spec(SLEEP), bench.spec(SLEEP)
    names = [scheduler.submit(spec) for spec in (one, other)]
    for spec in (one, other):
        bench.began(spec)
    scheduler.poll()
    scheduler.cancel(names[0])
    bench.end_of(scheduler, names[0])
    assert scheduler.alive(names[1])
    assert [bench.job(spec)["status"] for spec in (one, other)] == ["new", "pending"]


def test_end_of_a_killed_worker_is_seen(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    spec = bench.spec(SLEEP)
    name = scheduler.submit(spec)
    worker = bench.began(spec)["worker"]
    os.kill(int(worker.split(":")[1]), signal.SIGKILL)
    ended = bench.end_of(scheduler, name)
    assert (ended.proc_id, ended.excused) == (name, False)
    assert bench.job(spec)["status"] == "pending"


def test_second_worker_of_a_job_finds_nothing_to_do(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    spec = bench.spec("return 1")
    for _ in range(2):
        bench.end_of(scheduler, scheduler.submit(spec))
    job = bench.job(spec)
    assert (job["status"], job["attempt"]) == ("complete", 1)
    assert "cannot be started" in spec.output.read_text(encoding="utf-8")


def test_environment_file_that_fails_ends_the_job_with_a_word(make: Callable[..., Any]) -> None:
    bench = make()
    (bench.folder / "env").write_text("return 7\n")
    if bench.system == "local":  # here it is tried beforehand
        with pytest.raises(UserError, match="status 7"):
            bench.scheduler(environment_file="env")
        return
    scheduler = bench.scheduler(environment_file="env")
    spec = bench.spec("return 1")
    ended = bench.end_of(scheduler, scheduler.submit(spec))
    assert ended.last_output_line == f"environment-file: {bench.folder}/env ends with status 7"
    assert bench.job(spec)["status"] == "new"


def test_another_controller_takes_up_what_lasts(make: Callable[..., Any]) -> None:
    bench = make()
    first, second = bench.scheduler(), bench.scheduler()
    spec = bench.spec(SLEEP)
    name = first.submit(spec)
    bench.began(spec)
    assert first.poll() == []
    gone = f"{name.split()[0]} 999999"
    found = second.resume({name: spec, gone: spec, "OTHER 1": spec})
    assert found == ({name} if first.durable_ids else set())
    if found:
        assert second.alive(name)
        second.stop(10.0)
        assert bench.job(spec)["status"] == "new"
        bench.until(lambda: bench.server.queue() == [])
        bench.end_of(first, name)


def test_what_waits_is_withdrawn_and_what_runs_goes_on(make: Callable[..., Any]) -> None:
    bench = make()
    scheduler = bench.scheduler()
    specs = [bench.spec(SLEEP) for _ in range(3)]  # the clusters have room for two
    names = [scheduler.submit(spec) for spec in specs]
    for spec in specs[:2]:
        bench.began(spec)
    ended = []
    bench.until(lambda: ended.extend(scheduler.poll()) or not _waits(scheduler, names[:2]))
    scheduler.withdraw()
    if scheduler.durable_ids:
        ended = bench.end_of(scheduler, names[2])
        assert ended.excused
        assert bench.job(specs[2])["attempt"] == 0
    assert all(scheduler.alive(name) for name in names[:2])


def _waits(scheduler: Any, names: list[str]) -> bool:
    held = getattr(scheduler, "_held", {})
    return any(held[name.split()[1]].waiting for name in names) if held else False


@pytest.mark.parametrize(
    "args", ["-p nosuch -q nosuch", ["-q", "nosuch"]], ids=["a text", "a list"]
)
def test_refused_submission_is_one_line(make: Callable[..., Any], args: Any) -> None:
    bench = make()
    if bench.system == "local":
        return
    if bench.system == "SLURM":
        args = "--partition=nosuch" if isinstance(args, str) else ["-p", "nosuch"]
    elif isinstance(args, str):
        args = "-q nosuch"
    scheduler = bench.scheduler(scheduler_args=args)
    with pytest.raises(UserError) as caught:
        scheduler.submit(bench.spec("return 1"))
    text = str(caught.value)
    assert "\n" not in text
    program = "sbatch" if bench.system == "SLURM" else "qsub"
    assert text.startswith(f"resource Main: {program} refused a job: ")
    assert "nosuch" in text.partition(" (scheduler-args")[0]
    assert not list((bench.folder / "out put").iterdir())

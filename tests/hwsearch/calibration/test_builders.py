"""Networks are built in a process that may be killed, hang or end."""

from __future__ import annotations

import faulthandler
import os
import signal
import time

import pytest

from hwsearch.calibration.builders import Built, build_all, build_here
from hwsearch.errors import UserError


def build(number, params, say):
    how = params["how"]
    if how == "refused":
        raise UserError("too large")
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "crashes":
        faulthandler.disable()  # pytest has it write a long text
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "prints":
        print("from Python")
        os.write(2, b"from a library\n")
    if how == "says":
        say(f"network {number} waits")
    if how == "exits":
        os._exit(3)
    if how == "raises":
        raise RuntimeError("a fault of ours")
    if how == "hangs":
        while True:
            time.sleep(60)
    return {"params": float(number), "process": float(os.getpid())}


def points(*hows):
    return [{"how": how} for how in hows]


def test_one_process_builds_all_that_can_be_built():
    found = list(build_all(build, points("fine", "refused", "fine")))
    assert [built.number for built in found] == [1, 2, 3]
    assert found[0].costs["process"] == found[2].costs["process"] != os.getpid()
    assert found[1] == Built(2, None, "too large")


def test_a_process_for_each():
    found = list(build_all(build, points("fine", "killed", "fine"), apart=True))
    assert [built.number for built in found] == [1, 2, 3]
    assert found[1].reason.startswith("its process was killed")
    assert found[0].costs["process"] != found[2].costs["process"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("killed", "its process was killed (SIGKILL), as Linux does if memory runs out"),
        ("crashes", "its process was killed: Segmentation fault"),
        ("exits", "it ended its process with status 3"),
        ("raises", "it ended its process with status 1"),
    ],
)
def test_the_others_are_built_after_the_process_has_ended(how, reason):
    found = list(build_all(build, points("fine", how, "fine", how)))
    assert [built.costs is None for built in found] == [False, True, False, True]
    assert found[1].reason == found[3].reason == reason
    assert found[2].costs["params"] == 3


def test_what_networks_print_goes_into_a_file(tmp_path, capfd):
    output = tmp_path / "calibration.out"
    output.write_text("before\n")
    _, second, third = build_all(build, points("prints", "exits", "prints"), output=output)
    assert second.reason == f"it ended its process with status 3; its output: {output}"
    assert third.costs
    lines = output.read_text().splitlines()
    assert lines[0] == "before"
    assert [line for line in lines if line.startswith("---")] == [
        f"--- random network {number}" for number in (1, 2, 3)
    ]
    assert lines.count("from a library") == 2
    assert "from a library" not in capfd.readouterr().err


@pytest.mark.parametrize("built", [build_all, build_here])
def test_what_is_said_meanwhile_is_heard(built):
    heard = []
    found = list(built(build, points("says", "fine", "says"), say=heard.append))
    assert heard == ["network 1 waits", "network 3 waits"]
    assert all(one.costs for one in found)
    assert next(built(build, points("says"))).costs


def test_a_network_that_hangs_is_given_up():
    first, second = build_all(build, points("hangs", "refused"), limit_s=2.0)
    assert first.reason == "it was not measured within 2.0 s"
    assert second.reason == "too large"


def test_no_process_is_left_when_the_caller_stops():
    found = build_all(build, points("fine", "hangs"))
    process = int(next(found).costs["process"])
    found.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_here():
    assert [built.reason for built in build_here(build, points("fine", "refused"))] == [
        "",
        "too large",
    ]

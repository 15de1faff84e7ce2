from __future__ import annotations

from collections import Counter

from benchmarks.faults import plan, processes
from benchmarks.faults.databases import MONGODB, SQLITE

BOTH = [SQLITE, MONGODB]


def test_the_full_form_has_what_it_promises() -> None:
    found = plan.trials(plan.COUNTS, BOTH, seed=0, usual_s=1.0)
    assert Counter(one.kind for one in found) == plan.COUNTS
    kills = [one for one in found if one.kind == plan.KILL]
    assert Counter(one.database for one in kills) == {SQLITE: 100, MONGODB: 100}
    assert {one.database for one in found if one.kind == plan.OUTAGE} == {MONGODB}


def test_the_short_form_kills_every_process_on_both_databases() -> None:
    assert plan.SHORT[plan.KILL] == 2 * len(processes.ROLES)


def test_without_a_server_there_are_no_outages() -> None:
    found = plan.trials(plan.SHORT, [SQLITE], seed=0, usual_s=1.0)
    assert {one.kind for one in found} == {plan.KILL, plan.HALT, plan.DISK}
    assert {one.database for one in found} == {SQLITE}


def test_kinds_take_turns() -> None:
    found = plan.trials(plan.SHORT, BOTH, seed=0, usual_s=1.0)
    order = list(plan.interleaved(found))
    assert [one.kind for one in order[:4]] == list(plan.COUNTS)
    assert Counter(order) == Counter(found)

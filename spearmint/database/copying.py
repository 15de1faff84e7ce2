"""Copies experiments from one database to another, unchanged.

A copy may be killed at any moment and started again: jobs are written in the order of their ids,
each of them completely or not at all, and those that are there already are not written again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spearmint.console.printing import one_line
from spearmint.database.checks import sound
from spearmint.database.contract import Database, DatabaseError, Document
from spearmint.database.documents import to_json
from spearmint.errors import UserError

#: How many jobs are written at once.
BATCH = 200
#: How many ids a message names.
_SHOWN = 10
_STATE = "the state of the model"


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of the jobs of one experiment.

    Attributes:
        added: Ids of jobs that were not there.
        replaced: Ids of jobs that were there with other data.
        same: How many were there already.
        running: Ids of jobs that run at the moment: their results reach only the source.
    """

    added: list[int]
    replaced: list[int]
    same: int
    running: list[int]


def copy(source: Database, target: Database, experiment: str, *, overwrite: bool = False) -> Copied:
    """Copies one experiment: its jobs with all their fields, and what the search knows besides.

    Args:
        source: Where it is.
        target: Where it goes.
        experiment: Its name.
        overwrite: Whether jobs of the target that differ are replaced.

    Raises:
        UserError: The target has other data for some job, and `overwrite` is false. Then nothing
            has been written. Or the experiment does not exist, or a database refuses.
    """
    jobs = _read(source, experiment)
    hypers = source.hypers(experiment)
    if not jobs and not hypers:
        raise UserError(f"experiment {one_line(experiment, 200)}: is not in the first database")
    there = {job["id"]: _form(job) for job in _read(target, experiment)}
    added = [job for job in jobs if job["id"] not in there]
    changed = [job for job in jobs if job["id"] in there and there[job["id"]] != _form(job)]
    state = target.hypers(experiment)
    is_state_other = bool(state) and _form(state) != _form(hypers)
    if not overwrite:
        _check(experiment, [job["id"] for job in changed], is_state_other=is_state_other)
    _write(target, experiment, added, overwrite=False)
    _write(target, experiment, changed, overwrite=True)
    if hypers and (not state or is_state_other):
        target.save_hypers(experiment, hypers)
    _verify(target, experiment, jobs)
    known = set(map(_form, target.discarded(experiment)))
    for candidate in source.discarded(experiment):
        if _form(candidate) not in known:
            target.add_discarded(experiment, candidate)
    expired = {job["id"] for job in source.expired(experiment)}
    return Copied(
        added=[job["id"] for job in added],
        replaced=[job["id"] for job in changed],
        same=len(jobs) - len(added) - len(changed),
        running=[j["id"] for j in jobs if j["status"] == "pending" and j["id"] not in expired],
    )


def _read(database: Database, experiment: str) -> list[Document]:
    return [sound(experiment, job) for job in database.jobs(experiment)]


def _write(target: Database, experiment: str, jobs: Sequence[Document], *, overwrite: bool) -> None:
    for start in range(0, len(jobs), BATCH):
        batch = jobs[start : start + BATCH]
        try:
            target.restore(experiment, batch, overwrite=overwrite)
        except (DatabaseError, TypeError) as error:
            ids = f"{batch[0]['id']} to {batch[-1]['id']}"
            raise UserError(f"experiment {experiment}: jobs {ids}: {error}") from error


def _verify(target: Database, experiment: str, jobs: Sequence[Document]) -> None:
    """Compares what was written; another process may have added jobs at the same time."""
    there = {job["id"]: _form(job) for job in _read(target, experiment)}
    _check(experiment, [job["id"] for job in jobs if there.get(job["id"]) != _form(job)])


def _check(experiment: str, ids: Sequence[int], *, is_state_other: bool = False) -> None:
    """Raises UserError if there are jobs whose data differ."""
    what = [f"jobs {numbers(ids)}"] if ids else []
    what += [_STATE] if is_state_other else []
    if what:
        raise UserError(
            f"experiment {one_line(experiment, 200)}: the second database has other data for "
            f"{' and '.join(what)}; --overwrite replaces them"
        )


def numbers(ids: Sequence[int]) -> str:
    """Ids in a sentence: the first ones, and how many more there are."""
    text = ", ".join(map(str, ids[:_SHOWN]))
    return text if len(ids) <= _SHOWN else f"{text} and {len(ids) - _SHOWN} more"


def _form(document: Document) -> str:
    """A text that is the same for the same document in every database."""
    lease = document.get("lease")
    found = {**document, "lease": float(lease)} if lease is not None else document
    return json.dumps(json.loads(to_json(found)), sort_keys=True)


def copy_all(
    source: Database,
    target: Database,
    names: Sequence[str],
    *,
    overwrite: bool,
    say: Callable[[str], None],
) -> bool:
    """Copies several experiments, and tells what became of each; False if one was not copied."""
    complete = True
    for name in names:
        shown = one_line(name, 200)
        try:
            found = copy(source, target, name, overwrite=overwrite)
        except UserError as error:
            say(str(error))
            complete = False
            continue
        for ids, what in ((found.added, "copied"), (found.replaced, "replaced")):
            if ids:
                say(f"{shown}: {what}: {len(ids)} jobs ({numbers(ids)})")
        say(f"{shown}: {found.same} jobs were there already")
        if found.running:
            say(
                f"{shown}: jobs {numbers(found.running)} are running: their results are stored in "
                "the first database only; copy again with --overwrite when they have finished"
            )
    return complete

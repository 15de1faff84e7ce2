"""Points that a check finds to break a constraint, and that therefore never become jobs.

They are observations for the chooser: to it, each of them is a job that returned its constraints
and was stopped before its objective was computed. So it suggests what it would if they were jobs.
They are stored beside the jobs, so that a search that is started again suggests the same points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spearmint.checking.answers import Answers, text_of
from spearmint.checking.checker import Checker, Verdict
from spearmint.config import CandidateCheck, Config, Task
from spearmint.console.command_line import counted
from spearmint.console.printing import printable
from spearmint.control.progress import Progress
from spearmint.control.shortlist import UNLIKELY, Shortlist
from spearmint.database import Database, Document
from spearmint.errors import UserError
from spearmint.optimiser.observations import PREDICTIONS, is_prediction
from spearmint.optimiser.rating import Rate, Rating
from spearmint.optimiser.space import Space

#: So many candidates are discarded for one job; then the one that violates least becomes it.
MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Discarded:
    """A point that did not become a job, as stored, and the constraints that it (likely) breaks."""

    document: Document
    values: Mapping[str, float]

    @property
    def job(self) -> int:
        """The job that it was a candidate for."""
        number: int = self.document["job"]
        return number


@dataclass(slots=True)
class Screening:
    """Checks candidates, and remembers those that break a constraint.

    Args:
        config: The experiment.
        check: Its check.
        store: Its database.
        checker: Asks the process that checks.
        space: The searched space.
        progress: Prints lines.

    Attributes:
        predictions: Of the candidate that was last found good: [mean, standard deviation] by
            constraint.
        rating: What is expected of it, after these were corrected; None if nothing is.
        answers: What was answered so far about candidates.
    """

    config: Config
    check: CandidateCheck
    store: Database
    checker: Checker
    space: Space
    progress: Progress
    predictions: Mapping[str, Sequence[float]] = field(default_factory=dict, init=False)
    rating: Rating | None = field(default=None, init=False)
    answers: Answers = field(default_factory=Answers, init=False)
    _known: list[Discarded] = field(default_factory=list, init=False)
    _own: list[Document] = field(default_factory=list, init=False)
    _shortlist: Shortlist | None = field(default=None, init=False)
    _answered: Verdict | None = field(default=None, init=False)  # without a check
    _is_off_told: bool = field(default=False, init=False)
    _told_imports: set[str] = field(default_factory=set, init=False)

    @property
    def waits(self) -> bool:
        """Whether a candidate is being checked."""
        return self._shortlist is not None

    def poll(self) -> None:
        """Receives what the process has sent; prints once what it could not import."""
        self.checker.poll()
        for module, error in self.checker.not_imported.items():
            # Those of the top-level `preload` are reported where workers import them.
            if module in self.check.preload and module not in self._told_imports:
                self._told_imports.add(module)
                self.progress.print(
                    f"{self.config.source}: candidate-check: preload: cannot import "
                    f"{printable(module)} ({error}); candidates are checked without it"
                )

    def forget_last(self) -> None:
        """Forgets what is known of the candidate that was last found good."""
        self.predictions, self.rating = {}, None

    def refresh(self, correct: Rate) -> None:
        """Reads what is stored, by other controllers too.

        A point that was discarded by its predictions counts only as long as what was measured
        since then, by which `correct` corrects them, does not make it more likely.
        """
        stored = self.store.discarded(self.config.experiment)
        points = {text_of(one.get("params")) for one in stored}
        found = [*stored, *(one for one in self._own if text_of(one["params"]) not in points)]
        documents = sorted(filter(self._is_valid, found), key=_order)
        predicted = [one for one in documents if one.get(PREDICTIONS)]
        ratings = correct(
            [one["params"] for one in predicted], [one[PREDICTIONS] for one in predicted]
        )
        unlikely = {
            id(one): rating.broken(UNLIKELY) for one, rating in zip(predicted, ratings, strict=True)
        }
        known = [Discarded(one, one["values"] | unlikely.get(id(one), {})) for one in documents]
        self._known = [one for one in known if self._broken(one.values)]

    def with_discarded(self, jobs: Sequence[Document], below: int = 0) -> list[Document]:
        """The jobs and, as jobs with negative ids, the discarded points that none of them has.

        Args:
            jobs: All jobs of the experiment.
            below: The ids are below its negative: others have those above.
        """
        points = {text_of(job.get("params")) for job in jobs}
        extra = []
        for one in self._known:
            if (text := text_of(one.document["params"])) not in points:
                points.add(text)
                extra.append(one)
        names = self.config.task_names
        return [
            *jobs,
            *(
                {
                    "id": number - len(extra) - below,
                    "params": one.document["params"],
                    "status": "complete",
                    "values": {**dict.fromkeys(names, math.nan), **one.values},
                }
                for number, one in enumerate(extra)
            ),
        ]

    def last_resort(self, job_id: int) -> dict[str, Any] | None:
        """The point that becomes this job since too many were discarded; None if more are tried."""
        tried = [one for one in self._known if one.job == job_id]
        if len(tried) < MOST_TRIES:
            return None
        self.progress.print(
            f"each of {len(tried)} candidates for job {job_id} breaks {self._broken_by(tried)}: "
            "the one that violates least is evaluated"
        )
        return self._least(tried)

    def least_unlikely(self, jobs: Sequence[Document]) -> dict[str, Any] | None:
        """The point to evaluate when no other is left than those that predictions discarded.

        Returns:
            None if there is none: what breaks an exact constraint is not evaluated.
        """
        points = {text_of(job.get("params")) for job in jobs}
        left = [
            one
            for one in self._known
            if not self._broken(one.document["values"])
            and text_of(one.document["params"]) not in points
        ]
        return self._least(left) if left else None

    def _least(self, several: Sequence[Discarded]) -> dict[str, Any]:
        """The point that violates least; what is predicted there becomes `predictions`."""
        excess = [self._excess(one.values) for one in several]
        largest = {name: max(each.get(name, 0.0) for each in excess) for name in excess[0]}
        shares = [
            sum(each[name] / most for name, most in largest.items() if most) for each in excess
        ]
        least = several[shares.index(min(shares))].document
        self.predictions = least.get(PREDICTIONS) or {}
        params: dict[str, Any] = least["params"]
        return params

    def ask(self, job_id: int, points: Sequence[Mapping[str, Any]], rate: Rate) -> None:
        """Asks about candidates for a job, one at a time.

        Args:
            job_id: The next job.
            points: The candidates, the best first.
            rate: Rates them by what is predicted of them.
        """
        self._shortlist = Shortlist(job_id, points, rate)
        self._ask_about(self._shortlist, 0)

    def _ask_about(self, shortlist: Shortlist, place: int) -> None:
        shortlist.asked = place
        self._answered = self.answers.of(shortlist.points[place])
        if self._answered is None and not self.checker.off:
            self.checker.ask(shortlist.points[place])

    def _answer(self, shortlist: Shortlist) -> Verdict | None:
        """The verdict on the candidate that was asked about; None if there is none yet.

        The checker gives it once. If the database fails after that, it is in the list already.
        """
        if shortlist.asked in shortlist.verdicts:
            return shortlist.verdicts[shortlist.asked]
        if self._answered is not None or self.checker.off:
            return self._answered or Verdict({})
        verdict = self.checker.answer()
        if verdict is not None and self.check.checks_ahead:
            self.answers.add(shortlist.points[shortlist.asked], verdict)
        return verdict

    def decide(self, job_id: int) -> dict[str, Any] | None:
        """The candidate that may become this job; None if there is none, or one is still checked.

        A candidate that may not is remembered. `waits` says whether one is still checked.
        """
        shortlist = self._shortlist
        assert shortlist is not None  # noqa: S101 - `waits`
        while True:
            verdict = self._answer(shortlist)
            if verdict is None:
                return None
            if shortlist.asked not in shortlist.verdicts:
                self._tell_failure(verdict)
                shortlist.verdicts[shortlist.asked] = verdict
            if self._broken(verdict.values) and shortlist.asked in shortlist.left:
                self._discard(shortlist, shortlist.asked, {})
            place: int | None = None
            rating: Rating | None = None
            if shortlist.is_predicted:
                place, rating = self._best(shortlist)
                if place is not None and place not in shortlist.verdicts and not self.checker.off:
                    self._ask_about(shortlist, place)
                    continue
            elif shortlist.asked in shortlist.left:
                place = shortlist.asked
            break
        self._shortlist = None
        # Another controller has added this job: the candidate was suggested without knowing that.
        if place is None or shortlist.job_id != job_id:
            return None
        self.predictions = shortlist.verdicts.get(place, Verdict({})).predictions
        self.rating = rating if self.predictions else None
        return dict(shortlist.points[place])

    def _best(self, shortlist: Shortlist) -> tuple[int, Rating] | tuple[None, None]:
        """Place and rating of the best candidate, if one is left.

        Those that are unlikely to meet a constraint are left out; if they were checked themselves,
        they are discarded.
        """
        likely = []
        for place, rating in shortlist.rated():
            unlikely = rating.broken(UNLIKELY)
            if unlikely and place in shortlist.verdicts:
                self._discard(shortlist, place, unlikely)
            elif not unlikely:
                likely.append((place, rating))
        return max(likely, key=lambda one: one[1].value) if likely else (None, None)

    def _tell_failure(self, verdict: Verdict) -> None:
        if self.checker.off and not self._is_off_told:
            self._is_off_told = True
            self.progress.print(
                f"candidate-check: {self.checker.off}; candidates are no longer checked"
            )
        elif verdict.error:
            self.progress.print(
                f"candidate-check: {verdict.error}; this candidate is evaluated unchecked"
            )

    def tell_before(self, job_id: int) -> None:
        """Prints how many candidates were discarded before one became this job."""
        tried = [one for one in self._known if one.job == job_id]
        if 0 < len(tried) < MOST_TRIES:
            verb = "breaks" if len(tried) == 1 else "break"
            self.progress.print(
                f"{counted(len(tried), 'candidate')} for job {job_id} {verb} "
                f"{self._broken_by(tried)}: not evaluated"
            )

    def tell_all(self, jobs: Sequence[Document]) -> None:
        """Prints how many candidates of the experiment were discarded and became none of `jobs`."""
        points = {text_of(job.get("params")) for job in jobs}
        never = [one for one in self._known if text_of(one.document["params"]) not in points]
        if never:
            verb = "was" if len(never) == 1 else "were"
            self.progress.total(
                f"{counted(len(never), 'candidate')} {verb} not evaluated: "
                f"{self._broken_by(never)} not met"
            )

    def _discard(self, shortlist: Shortlist, place: int, unlikely: Mapping[str, float]) -> None:
        """Remembers a candidate that breaks a constraint, or probably does."""
        verdict = shortlist.verdicts[place]
        document: Document = {
            "job": shortlist.job_id,
            "place": sum(one.job == shortlist.job_id for one in self._known),
            "params": dict(shortlist.points[place]),
            "values": dict(verdict.values),
            "version": self.check.version,
        }
        if verdict.predictions:
            document[PREDICTIONS] = {name: list(p) for name, p in verdict.predictions.items()}
        self.store.add_discarded(self.config.experiment, document)
        self._own.append(document)
        self._known.append(Discarded(document, {**verdict.values, **unlikely}))
        shortlist.left.remove(place)

    def _is_valid(self, one: Document) -> bool:
        """Whether a stored document counts: not of other bounds, not changed by hand, inside."""
        values, params = one.get("values"), one.get("params")
        if one.get("version") != self.check.version:
            return False
        if not isinstance(values, Mapping) or not isinstance(params, Mapping):
            return False
        if not isinstance(one.get("job"), int) or not isinstance(one.get("place"), int):
            return False
        numbers = all(isinstance(value, int | float) for value in values.values())
        predicted = one.get(PREDICTIONS, {})
        numbers &= isinstance(predicted, Mapping) and all(map(is_prediction, predicted.values()))
        try:
            return numbers and self.space.holds(params)
        except UserError:
            return False

    def _broken(self, values: Mapping[str, float]) -> list[Task]:
        return [
            task
            for task in self.config.tasks
            if not task.objective and task.name in values and not task.met(values[task.name])
        ]

    def _excess(self, values: Mapping[str, float]) -> dict[str, float]:
        """By how much each constraint is violated; 0 if it is not, or unknown."""
        broken = {task.name for task in self._broken(values)}
        return {
            task.name: abs(values[task.name]) if task.name in broken else 0.0
            for task in self.config.tasks
            if not task.objective
        }

    def _broken_by(self, several: Iterable[Discarded]) -> str:
        names = {task.name for one in several for task in self._broken(one.values)}
        return printable(" or ".join(name for name in self.config.task_names if name in names))


def _order(one: Document) -> tuple[int, int, str]:
    return one["job"], one["place"], text_of(one["params"])

"""The chooser's part of the loop: next points, the model's state, the expected best point."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from spearmint import lifecycle
from spearmint.choosers import Best, Chooser, create
from spearmint.config import Config
from spearmint.console.command_line import counted
from spearmint.console.printing import one_line
from spearmint.control import earlier_results, expectations
from spearmint.control.interrupts import Interrupts
from spearmint.control.progress import Progress
from spearmint.control.screening import Screening
from spearmint.database import Database, Document
from spearmint.errors import NoTimeError, SpaceExhaustedError, UserError
from spearmint.optimiser.pausing import Decision
from spearmint.optimiser.rating import Rate, Rating


@dataclass(slots=True)
class Suggestions:
    """Asks the chooser, and continues with random points if it fails.

    Args:
        config: The experiment.
        store: Its database.
        chooser: Decides on the next point.
        progress: Prints lines.
        interrupts: Signals; one of them ends a computation of the chooser by `Interrupted`.
        screening: Discards candidates before they become jobs; None if config.json has no check.

    Attributes:
        exhausted: A sentence once every point of a finite space has been suggested, or no job would
            end in time any more.
        expected: What the job at the point that was last suggested is told of its constraints.
    """

    config: Config
    store: Database
    chooser: Chooser
    progress: Progress
    interrupts: Interrupts
    screening: Screening | None = None
    exhausted: str | None = field(default=None, init=False)
    expected: dict[str, dict[str, float]] = field(default_factory=dict, init=False)
    _earlier: list[Document] = field(default_factory=list, init=False)  # of other experiments
    _stored_hypers: dict[str, Any] = field(default_factory=dict, init=False)
    _fallback: Chooser | None = field(default=None, init=False)
    _told: set[str] = field(default_factory=set, init=False)  # failures of the chooser
    _best_count: int = field(default=-1, init=False)  # finished jobs when it was last computed
    _best_s: float = field(default=0.0, init=False)  # and how long that took

    def begin(self, jobs: Sequence[Document]) -> None:
        """Restores the model's state.

        Raises:
            UserError: Stored jobs have other variables or tasks than config.json, or its
                `earlier-results` are faulty.
        """
        check_jobs(self.config, self.chooser, jobs)
        if self.config.earlier_results is not None:
            self._earlier = earlier_results.load(
                self.config.earlier_results, self.chooser.space, self.config.tasks
            )
            self.progress.print(earlier_results.described(self._earlier))
        if self.screening is not None:
            with self._asking(jobs) as known:
                self.screening.refresh(partial(self._corrected, known))
            most = self.config.max_finished_jobs
            if most is None or most >= self.screening.check.first_job:
                # It imports its modules while the workers do, and no job has to wait for it later.
                self.screening.checker.start()
        outside = sum(not self.chooser.space.holds(job["params"]) for job in jobs)
        if outside:
            verb = "is" if outside == 1 else "are"
            self.progress.print(
                f"{outside} of {counted(len(jobs), 'job')} {verb} outside the variables of "
                "config.json: the model uses them, but they are never the best and do not count as "
                "tried"
            )
        self._stored_hypers = self.store.hypers(self.config.experiment)
        self.chooser.load_hypers(self._stored_hypers)

    def suggest(self, jobs: Sequence[Document]) -> dict[str, Any] | None:
        """The `params` of the next job; None if there is none, or a check takes time."""
        try:
            with self._asking(jobs) as known:
                if self.screening is None:
                    return self._suggest(self._observed(known))[0]
                return self._screened(known, self.screening)
        except SpaceExhaustedError as end:
            self.exhausted = str(end)
            self.progress.print(str(end))
            return None
        except NoTimeError as end:  # said when the jobs that run have ended
            self.exhausted = str(end)
            return None

    def candidates(self, jobs: Sequence[Document]) -> list[dict[str, Any]]:
        """The candidates that the next job would have now, the best first; [] if there are none.

        A failure of the chooser is printed when the job is really wanted.
        """
        count = 1 if self.screening is None else self.screening.check.candidates
        try:
            with self._asking(jobs) as known:
                return self.chooser.candidates([*self._earlier, *self._observed(known)], count)
        except Exception:
            return []

    @contextmanager
    def _asking(self, jobs: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Gives the jobs, with predictions of this version only; a signal ends the computation."""
        with self.interrupts.raising():
            yield expectations.of_version(jobs, self.version)

    def pausing(self, jobs: Sequence[Document], *, new: bool) -> Decision:
        """What becomes of paused trainings; nothing if the chooser fails.

        Args:
            jobs: All jobs.
            new: Whether a new job may begin.
        """
        try:
            with self._asking(jobs) as known:
                decision = self._pausing(known, new=new)
        except UserError:
            raise
        except Exception as error:
            self._tell_failure(error, "the chooser could not decide about paused jobs")
            return Decision()
        return decision

    def _pausing(self, jobs: Sequence[Document], *, new: bool) -> Decision:
        """Decides by what a suggestion would know: candidates that never became jobs as well."""
        known = [*self._earlier, *self._observed(jobs)]
        try:
            return self.chooser.pausing(known, new=new)
        except (NoTimeError, SpaceExhaustedError):  # for a new job
            return self.chooser.pausing(known, new=False)

    def _suggest(self, jobs: Sequence[Document], count: int = 1) -> list[dict[str, Any]]:
        """Candidates for the next job, the best first."""
        try:
            return self.chooser.candidates([*self._earlier, *jobs], count)
        except (UserError, SpaceExhaustedError, NoTimeError):
            raise
        except Exception as error:
            if self._fallback is None:
                problem = replace(self.config.problem, chooser="random_search", chooser_args={})
                self._fallback = create(problem)
            what = "suggesting random points until it works again"
            self._tell_failure(error, "the chooser failed", what)
            return [self._fallback.suggest([*self._earlier, *jobs])]

    def _screened(self, jobs: Sequence[Document], screening: Screening) -> dict[str, Any] | None:
        """The next candidate that breaks no constraint; None while one is being checked."""
        job_id = 1 + max((int(job["id"]) for job in jobs), default=0)
        self.expected = {}
        screening.forget_last()
        if not screening.waits:  # else nothing new is suggested before the answer
            screening.refresh(partial(self._corrected, jobs))
        if job_id < screening.check.first_job:
            return self._suggest(self._observed(jobs))[0]
        while True:
            if not screening.waits:
                found = screening.last_resort(job_id)
                if found is not None:
                    return found
                observed = self._observed(jobs)
                try:
                    points = self._suggest(observed, screening.check.candidates)
                except SpaceExhaustedError:
                    found = screening.least_unlikely(jobs)
                    if found is None:
                        raise
                    return found
                screening.ask(job_id, points, self._rate(observed))
            found = screening.decide(job_id)
            if found is not None:
                screening.tell_before(job_id)
                if screening.rating is not None and screening.check.tells_main:
                    self.expected = expectations.expected(screening.rating, jobs)
                return found
            if screening.waits:
                return None

    def _rate(self, jobs: Sequence[Document]) -> Rate:
        """Rates candidates, given these jobs."""
        rater = cache(lambda: self.chooser.rater([*self._earlier, *jobs]))

        def rate(points: Any, predicted: Any) -> list[Rating]:
            try:
                return rater()(points, predicted)
            except UserError:
                raise
            except Exception as error:
                what = "taking the first one that probably meets the constraints"
                self._tell_failure(error, "the chooser could not compare candidates", what)
                return self._corrected(jobs, points, predicted)

        return rate

    def _corrected(self, jobs: Sequence[Document], points: Any, predicted: Any) -> list[Rating]:
        """Ratings by predictions, which measurements correct if the chooser can do so."""
        if not points:
            return []
        for known, what, instead in (
            ([*self._earlier, *jobs], "correct predictions", "using them as they are"),
            ([], "use predictions", "ignoring them"),
        ):
            try:
                return self.chooser.corrected(known, points, predicted)
            except UserError:
                raise
            except Exception as error:
                self._tell_failure(error, f"the chooser could not {what}", instead)
        return [Rating() for _ in points]

    @property
    def version(self) -> str | None:
        """Of the check of candidates; None without one."""
        check = self.config.candidate_check
        return None if check is None else check.version

    @property
    def predictions(self) -> dict[str, list[float]]:
        """[mean, standard deviation] by constraint at the point that was last suggested."""
        found = {} if self.screening is None else self.screening.predictions
        return {name: list(pair) for name, pair in found.items()}

    def sources(self) -> list[int]:
        """File descriptors that become readable when a check has ended."""
        return [] if self.screening is None else self.screening.checker.sources()

    def poll(self) -> None:
        """Receives the answers of a check, so that `sources` are readable no longer."""
        if self.screening is not None:
            self.screening.poll()

    def _observed(self, jobs: Sequence[Document]) -> Sequence[Document]:
        """The jobs, whose predictions are of this version, and what else the chooser knows."""
        jobs = expectations.filled(jobs, partial(self._corrected, jobs))
        if self.screening is None:
            return jobs
        return self.screening.with_discarded(jobs, below=len(self._earlier))

    def tell_discarded(self, jobs: Sequence[Document]) -> None:
        """Prints how many candidates became none of the jobs."""
        if self.screening is not None:
            self.screening.tell_all(jobs)

    def save_state(self) -> None:
        """Stores the model's hyper-parameters if they have changed."""
        hypers = self.chooser.hypers()
        if hypers and hypers != self._stored_hypers:
            self.store.save_hypers(self.config.experiment, hypers)
            self._stored_hypers = hypers

    def is_best_outdated(self, jobs: Sequence[Document]) -> bool:
        """Whether jobs have finished since the expected best point was computed."""
        return lifecycle.count_finished(jobs) != self._best_count

    @property
    def pause_s(self) -> float:
        """How long to wait for jobs to end before the expected best point is computed.

        Jobs that take less time than this computation are not delayed by it.
        """
        return 0.2 + self._best_s

    def report_best(self, jobs: Sequence[Document]) -> None:
        """Computes and prints the expected best point."""
        began = time.monotonic()
        self.progress.expected(self.best(jobs))
        self._best_count = lifecycle.count_finished(jobs)
        self._best_s = time.monotonic() - began

    def best(self, jobs: Sequence[Document]) -> Best | None:
        """The model's best point; None if it has none, or fails, which is printed once."""
        if self._earlier and not lifecycle.count_finished(jobs):
            return None  # nothing of this experiment says that its results are alike
        try:
            with self._asking(jobs) as known:
                return self.chooser.best([*self._earlier, *self._observed(known)])
        except Exception as error:
            self._tell_failure(error, "cannot compute the model's best point")
            return None

    def _tell_failure(self, error: Exception, what: str, instead: str = "") -> None:
        """Prints a failure of the chooser, once, and what happens instead."""
        if what not in self._told:
            self._told.add(what)
            end = f"; {instead}" if instead else ""
            self.progress.print(f"{what} ({type(error).__name__}: {one_line(error)}){end}")
        self.progress.debug(traceback.format_exc())


def check_jobs(config: Config, chooser: Chooser, jobs: Sequence[Mapping[str, Any]]) -> None:
    """Raises UserError if stored jobs have other variables or tasks than config.json."""
    remedy = (
        "; give config.json another experiment-name, or remove the old results with cleanup.sh DIR"
    )
    wide = chooser.space.widened([job.get("params") or {} for job in jobs])
    for job in jobs:
        place = f"experiment {config.experiment}: job {job['id']} of an earlier run"
        try:
            params = job.get("params") or {}
            wide.encode(params, place=place)
            unknown = set(params) - set(chooser.space.names)
        except UserError as error:
            raise UserError(f"{error}{remedy}") from None
        if unknown:
            raise UserError(
                f"{place}: got the variables {sorted(unknown)}; "
                f"config.json has {sorted(chooser.space.names)}{remedy}"
            )
        tasks = job.get("tasks")
        if tasks and set(tasks) != set(config.task_names):
            raise UserError(
                f"{place}: got the tasks {sorted(tasks)}; "
                f"config.json has {sorted(config.task_names)}{remedy}"
            )

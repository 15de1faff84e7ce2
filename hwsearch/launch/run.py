"""A run of an experiment: what it needs, its search, and its report."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from typing import Any

from hwsearch.atomic_files import write_atomic, write_json
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings, first_points
from hwsearch.experiment.search_times import timed
from hwsearch.experiment.sweep import Sweep, following, searched
from hwsearch.launch import (
    handover,
    pauses,
    repeats,
    script_modules,
    template_notes,
    without_training,
)
from hwsearch.launch.child_process import Forwarding
from hwsearch.launch.earlier_runs.learning import Learned, files_of, learned
from hwsearch.launch.machine import gpus
from hwsearch.launch.machine.gpus import job_gpus
from hwsearch.launch.optimiser import ROOT, Optimiser, Results
from hwsearch.launch.watching.bound_watch import BoundWatch
from hwsearch.launch.watching.following import follow_best
from hwsearch.launch.watching.page_watch import PageWatch, write_last_page
from hwsearch.meters.device import Device
from hwsearch.progress import terminal
from hwsearch.progress.listener import Listener, View
from hwsearch.progress.plain import Plain
from hwsearch.progress.search import Search
from hwsearch.report import summary_file
from hwsearch.report.summary import summary
from hwsearch.template import Template


@dataclass(slots=True)
class Run:
    """A run and what it needs.

    Attributes:
        retry_broken: Run the broken jobs again.
        plain: Show lines only, on a terminal too.
        gpus: Those that local jobs use, one each; [] leaves that to them.
        document: The optimiser's config.json.
        learned: What informs the search besides its own networks.
        results: The database that it names; None for another optimiser than ours.
    """

    settings: Settings
    experiment: Experiment
    template: Template
    optimiser: Optimiser
    retry_broken: bool = False
    plain: bool = False
    gpus: list[Device] = field(init=False)
    document: dict[str, Any] = field(init=False)
    results: Results | None = field(init=False, default=None)
    learned: Learned | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        repeats.check(self.settings)
        pauses.check(self.settings, ours=self.optimiser.ours)
        if self.settings.has_front and not self.optimiser.ours:
            raise UserError(
                "--optimize: got several metrics with SPEARMINT_ROOT, whose optimiser knows one "
                "objective; expected one metric, or no SPEARMINT_ROOT"
            )
        if self.settings.sweep and not self.optimiser.ours:
            raise UserError(
                "--sweep: given with SPEARMINT_ROOT, whose optimiser cannot change bounds; "
                "expected only one of the two"
            )
        self.gpus = job_gpus(self.settings)
        self.document = handover.config(
            self.settings, self.template, [gpu.uuid for gpu in self.gpus]
        )
        if self.optimiser.open_results is not None:
            self.results = self.optimiser.open_results(self.document, self.experiment)

    def rename(self, name: str) -> None:
        """Gives the run its name."""
        self.settings.experiment_name = self.document["experiment-name"] = name

    def learn(self) -> None:
        """Reads the earlier run that informs this one, if one is named.

        Raises:
            UserError: Nothing can be learned from it.
        """
        if self.settings.learn_from is None:
            return
        if self.results is None:
            raise UserError(
                "--learn_from: given with SPEARMINT_ROOT, whose optimiser cannot use earlier "
                "results; expected only one of the two"
            )
        files_of(self.experiment, self.settings.learn_from)  # raises, before a database is needed
        jobs = self.results.jobs(self.settings.learn_from)
        self.learned = learned(self.settings, self.experiment, self.template, jobs, self.gpus)

    def _keep_learned(self) -> None:
        """Writes what informs the search, under its bounds; the best of it is tried first."""
        settings = self.settings
        if self.learned is None:
            return
        write_json(self.experiment.learned_file, self.learned.documents(settings))
        print(self.learned.described(settings), flush=True)
        known = {point["place"] for point in settings.enqueue or ()}
        first = [p for p in self.learned.first_point(settings) if p["place"] not in known]
        if first:
            settings.enqueue = [*first, *(settings.enqueue or [])]
            points, _ = first_points.for_config(settings.enqueue, self.template)
            self.document["first-points"] = points

    def start(self, lock: int) -> int:
        """Writes what the run needs, starts the optimiser, waits for it, and reports.

        Args:
            lock: A descriptor of the experiment's lock, which the optimiser inherits.

        Returns:
            The exit status of the optimiser.
        """
        settings, experiment, template = self.settings, self.experiment, self.template
        self._keep_learned()
        Settings.from_json(settings.to_json(), "settings")  # bounds of random networks included
        experiment.save_template(template, script_modules.texts(template))
        # Another optimiser expects a value for each task and nothing else.
        only = None if self.optimiser.ours else settings.metrics
        profiles = sum(1 for _ in experiment.hardware.glob("profiles/*.json"))
        check = {}
        if self.optimiser.ours:
            modules = script_modules.forkable(template)
            check = handover.candidate_check(settings, profiles, modules)
        keys = check.get("candidate-check", {})
        told, ahead = "tell-main" in keys, "check-ahead" in keys
        pausing = settings.stop != "off"
        text = handover.mainrun(
            ROOT, only, checked=bool(check), pausing=pausing, told=told, ahead=ahead
        )
        write_atomic(experiment.mainrun, text)
        self.document |= check
        write_json(experiment.config_file, self.document)
        experiment.save_settings(settings)
        for note in (*template_notes.notes(template), *without_training.notes(settings)):
            print(note)
        print(handover.headline(settings, template), flush=True)
        if self.gpus:
            print(gpus.described(self.gpus, settings), flush=True)
        experiment.summary_file.unlink(missing_ok=True)  # of an earlier start
        try:
            status = self._search(lock)
            if not status and following(settings) is None:  # else they continue
                pauses.forget(experiment)
            if not status and settings.repeats and self.results is not None:
                gpu = self.gpus[0].uuid if self.gpus else ""
                status = repeats.train_again(settings, experiment, self.results, gpu)
        except BrokenPipeError:
            with contextlib.suppress(UserError):
                self._keep_summary(141)
            raise
        try:
            self._report(status)
        except UserError:
            if not status:
                raise  # else the optimiser has reported it
        if status in {130, 137, 143}:  # Ctrl-C, kill -9 and kill
            print("\n--resume continues this run", flush=True)
        return status

    def _search(self, lock: int) -> int:
        """Runs the optimiser to its end, and shows what happens; returns its exit status."""
        settings = self.settings
        command = self.optimiser.command(
            self.experiment.spearmint_dir, debug=settings.debug, retry_broken=self.retry_broken
        )
        with (
            timed(self.experiment),
            BoundWatch(settings, self.results),
            PageWatch(settings, self.experiment, self.results),
            Forwarding() as signals,
        ):
            if self.results is None:
                # Ours stops by itself at the max-time of config.json.
                return signals.run(command, stop_after_s=settings.max_time, keep_open=[lock])
            is_live = not self.plain and terminal.fits(sys.stdout)
            with Listener(self._view(self.results, is_live), signals.stop) as listener:
                return signals.run(
                    command,
                    keep_open=[lock],
                    stdout=listener.descriptor,
                    stderr=listener.remarks if is_live else None,
                )

    def _view(self, results: Results, is_live: bool) -> View:
        """Shows what happens while our optimiser runs."""
        name = self.settings.experiment_name
        sweep, most_s = Sweep.of(self.settings), self.document.get("max-time")
        search = Search(
            self.settings,
            self.template,
            lambda: results.jobs(name),
            lambda job_id: results.job(name, job_id),
            None if sweep is None or most_s is None else most_s * sweep.left,
        )
        if not is_live:
            return Plain(search, debug=self.settings.debug)
        from hwsearch.progress.live import Live  # noqa: PLC0415 - imports rich

        return Live(search, self.experiment, debug=self.settings.debug)

    def _keep_summary(self, status: int) -> list[dict[str, Any]]:
        """Completes best/ and writes summary.json; returns the job documents if they are known."""
        if self.results is None:
            return []
        jobs = self.results.jobs(self.settings.experiment_name)
        follow_best(self.settings, self.experiment, jobs)
        address = self.results.address
        document = summary_file.document(self.settings, jobs, self.experiment, status, address)
        write_json(self.experiment.summary_file, document)
        return jobs

    def _report(self, status: int) -> None:
        """Prints what the run has found so far, after the search has ended with a status."""
        jobs = self._keep_summary(status)
        if not status and following(self.settings) is not None:
            return  # the next budget's search continues
        if jobs:
            discarded = self._discarded()
            print(f"\n{summary(self.settings, jobs, self.experiment, discarded)}", flush=True)
        if jobs and self.results is not None:
            print(write_last_page(self.settings, self.experiment, self.results, jobs), flush=True)

    def _discarded(self) -> list[dict[str, Any]]:
        """The candidates that never became jobs since they broke the bounds.

        Of a sweep, those of each budget that was searched; else those of the present bounds.
        """
        settings = self.settings
        if self.results is None or not (settings.computed_constraints or settings.predictable):
            return []
        versions = map(handover.check_version, searched(settings))
        return [
            one
            for version in versions
            for one in self.results.discarded(settings.experiment_name, version)
        ]

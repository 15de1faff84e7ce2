"""The optimiser that is started: the one beside this package, or another Spearmint."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings, methods

#: The folder that holds this package, hyperpower.py and our optimiser.
ROOT = Path(__file__).resolve().parents[2]


class Results(Protocol):
    """The database of our optimiser, as far as a run needs it. What fails is a UserError."""

    @property
    def address(self) -> str:
        """The address as it may be shown, without its password."""

    def runs(self, *, create: bool) -> set[str]:
        """Names of the runs that the database keeps.

        Args:
            create: Whether a missing database is created, which shows that it can be.
        """

    def jobs(self, run: str) -> list[dict[str, Any]]:
        """The job documents of a run, as stored."""

    def job(self, run: str, job_id: int) -> dict[str, Any] | None:
        """The document of one job; None if there is none."""

    def analysis(self, run: str, best: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """What the models say about a run, by task, in the optimiser's values: plain JSON.

        Each task has `importance`, `fit` and `slices`; the optimiser's package describes them.

        Args:
            run: The run.
            best: The `params` of its best job, through which the slices go; None if there is none.
        """

    def discarded(self, run: str, version: str) -> list[dict[str, Any]]:
        """The candidates that a version of the check has kept from becoming jobs."""

    def running(self, run: str) -> list[int]:
        """Ids of the jobs of a run whose processes may be alive."""

    def update(self, run: str, job: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
        """Changes fields of a job if its status and attempt are still those of the document."""

    def check_schedulers(self) -> None:
        """Checks that jobs can be submitted to each batch system that config.json names."""


#: Opens the database that a config.json of an experiment names.
OpenResults = Callable[[dict[str, Any], Experiment], Results]


@dataclass(frozen=True, slots=True)
class Optimiser:
    """A Spearmint.

    Attributes:
        main: Its main.py.
        open_results: Opens its database; None for a Spearmint other than ours, of which only the
            command line and the form of config.json are known.
    """

    main: Path
    open_results: OpenResults | None = None

    @classmethod
    def chosen(cls, open_results: OpenResults) -> Optimiser:
        """The one under $SPEARMINT_ROOT, else ours.

        Args:
            open_results: Opens the database of ours.

        Raises:
            UserError: There is no main.py under $SPEARMINT_ROOT.
        """
        root = os.environ.get("SPEARMINT_ROOT") or str(ROOT)
        main = Path(root).absolute() / "spearmint" / "main.py"
        if not main.is_file():
            raise UserError(
                f"SPEARMINT_ROOT: got {root!r}; expected a folder with {main.name} in spearmint/"
            )
        ours = main.resolve() == (ROOT / "spearmint" / "main.py").resolve()
        return cls(main, open_results if ours else None)

    @property
    def ours(self) -> bool:
        """Whether it is the one beside this package."""
        return self.open_results is not None

    @property
    def default_database(self) -> str:
        """The address in config.json if no database is named."""
        return "sqlite:../mongodb/spearmint.sqlite" if self.ours else "localhost"

    def check_method(self, settings: Settings) -> None:
        """Checks that it knows how networks are to be chosen.

        Raises:
            UserError: It is not ours, and is not asked for its own way; or the method does not rate
                networks, which is to be done per second.
        """
        if settings.per_second and settings.method not in methods.RATING:
            raise UserError(
                f"--per_second: given with --method {settings.method}, which does not rate "
                f"networks; expected --method {' or '.join(methods.RATING)}, or --no_per_second"
            )
        wanted = methods.config(
            settings.method, unaware=settings.unaware, per_second=settings.per_second
        )
        if not self.ours and wanted:
            given = f"--method: got {settings.method!r}"
            if settings.unaware or settings.per_second:
                given = f"--{'unaware' if settings.unaware else 'per_second'}: given"
            raise UserError(
                f"{given} with SPEARMINT_ROOT, whose optimiser has methods of its own; expected "
                "only one of the two"
            )

    def command(self, folder: Path, *, debug: bool, retry_broken: bool = False) -> list[str]:
        """The command that starts it on a folder with a config.json; only ours knows flags."""
        wanted = {"--events": True, "--debug": debug, "--retry-broken": retry_broken}
        flags = [flag for flag, given in wanted.items() if given and self.ours]
        return [sys.executable, str(self.main), *flags, str(folder)]

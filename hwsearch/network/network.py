"""A network that a script defines: taken from the script, trained and evaluated."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import checks
from hwsearch.network.capture import Capture, capturing
from hwsearch.network.datasets.held_out import HeldOut
from hwsearch.network.definition import Definition
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.fitting import trainings
from hwsearch.network.fitting.all_data import with_judged_rows, with_validation_set
from hwsearch.network.fitting.out_of_memory import is_out_of_memory
from hwsearch.network.fitting.reruns import Rerun
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.fitting.training import EpochReport
from hwsearch.network.fitting.trainings import (
    Captured,
    Fitting,
    Request,
    Script,
    Training,
)
from hwsearch.network.folds.fold_trainings import Folds
from hwsearch.network.own_functions import OwnFunctions
from hwsearch.network.own_methods import are_of_keras
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import fit_calls, rendered_script
from hwsearch.network.randomness import State
from hwsearch.network.setup import Setup


@dataclass(slots=True)
class Network(Definition):
    """A network as its script defines it, which can be trained and evaluated.

    Attributes:
        model: With the weights that are kept, after the training.
        fitting: Trains instead of the script's only call of `fit`; None = `fit` itself. If it has
            paused the training, the result is that of the epochs so far, and no epoch is kept.
        seems_to_train_others: Whether the script seems to train another model later, which is
            refused then.
    """

    _training: Training = field(default_factory=Training)
    fitting: Fitting | None = None
    seems_to_train_others: bool = False

    @classmethod
    def from_script(
        cls,
        path: str | os.PathLike[str],
        seed: int,
        split_seed: int = 0,
        *,
        scored: bool = True,
        validation_split: float | None = None,
    ) -> Network:
        """Runs a rendered script and takes what it defines; its calls of `fit` are not run.

        Args:
            path: The script.
            seed: Seed of the network's initial weights.
            split_seed: Seed of the validation split, which is made if the script defines no
                validation set; it is the same for all networks of a search.
            scored: Whether the error in % is wanted; it needs classes and one output.
            validation_split: Share of the training set that becomes the validation set, whatever
                the script validates on; None = the script's.

        Raises:
            NetworkError: The script raises an exception, or what it defines is incomplete,
                unusable or does not fit together.
        """
        path = Path(path).absolute()
        keras.utils.set_random_seed(seed)
        module = rendered_script.main_module(path)
        with capturing(path) as capture:
            try:
                names = rendered_script.run(path, module)
            except NetworkError:
                if capture.plan is None and capture.fault is None:
                    raise
        if capture.fault is not None:
            raise capture.fault
        script = Script(path, module, capture.folder, split_seed, validation_split)
        try:
            checks.check_backend()
            if capture.plan is not None:
                return cls._with_call(capture.plan, capture, script, scored)
            # A script that was stopped in train(model, epochs) has defined more by then.
            return cls._without_call(names | capture.names, script, scored, capture.own_epochs)
        except NetworkError as error:
            where = path.name if capture.plan is None else capture.plan.place
            text = f"{where}: {error}{_of_another(capture)}"
            raise NetworkError(text) from error.__cause__

    @classmethod
    def _with_call(
        cls, plan: TrainingPlan, capture: Capture, script: Script, scored: bool
    ) -> Network:
        """The network of a script that calls `fit`; see `from_script`."""
        # A function that the script has defined would find the data of the first fold only.
        own = OwnFunctions() if plan.fold is not None else OwnFunctions.of(capture.names)
        script = replace(script, has_evaluate=scored and own.evaluate is not None)
        with script.entered():  # datasets read files that the script names
            network = cls.of_call(plan, capture.names, script, scored, own)
        state = State(network.model, weights=True)
        if plan.fold is not None:
            network._training = Folds(script, state)
        elif capture.more_may_follow:
            network._training = Rerun(script)
            network.seems_to_train_others = capture.may_train_another
        else:
            network._training = Captured(script, state)
        return network

    @classmethod
    def _without_call(
        cls, names: Mapping[str, Any], script: Script, scored: bool, epochs: int | None
    ) -> Network:
        """The network of a script that defines these names and does not call `fit`.

        Args:
            names: What it defines.
            script: The script.
            scored: As for `from_script`.
            epochs: What it gives its own function `train`; None = it does not call it.
        """
        own = OwnFunctions.of(names)
        script = replace(script, folder=Path(str(names.get("__file__", script.path))).parent)
        if own.train is not None:
            network = cls.of_functions(names, script.path, scored, own)
            state = State(network.model, weights=True)
            network._training = trainings.ByFunction(script, state, own.train, epochs)
        else:
            split = script.split_seed, script.share
            network = cls.of_names(names, script.path, split, scored, own)
        network.folder = script.folder
        return network

    @property
    def is_by_plan(self) -> bool:
        """Whether it is trained by one call of `fit`, that of its plan."""
        return self._training.is_by_plan

    @property
    def is_cross_validated(self) -> bool:
        """Whether it is trained once for each fold of a cross-validation."""
        return isinstance(self._training, Folds)

    def length(self, asked: int | None) -> str:
        """How long `train` trains, for people.

        Args:
            asked: As `train` takes it.
        """
        return self._training.length(self.plan, asked)

    def planned_epochs(self, asked: int | None) -> int | None:
        """How many epochs `train` trains at most; None if only the script knows.

        Args:
            asked: As `train` takes it.
        """
        return self._training.planned(self.plan, asked)

    def train(
        self,
        epochs: int | None,
        seed: int,
        callbacks: Sequence[Any] = (),
        say: Callable[[str], None] = print,
        monitor: str = "error",
        mode: str = "min",
        keep_best: bool = True,
        reported: Collection[str] = (),
    ) -> TrainResult:
        """Trains as the script says; evaluates on the validation set after every epoch.

        Args:
            epochs: Epochs of each call of `fit`; None = the script's own number, or 50 if it calls
                neither `fit` nor its function `train`.
            seed: Seed of the order of the images, dropout and the like, if the script does not
                call `fit`.
            callbacks: Keras callbacks; they run after ours, so that `logs["error"]` is set.
            say: Takes one line per epoch.
            monitor: What the best epoch is best in: "error", or a name that Keras reports, such
                as "val_loss"; "" = epochs are not compared, for `keep_best=False`.
            mode: "min" or "max": whether less or more of it is better.
            keep_best: Whether the model gets the weights of the best epoch, not of the last. A
                callback of the script that restores weights has the last word.
            reported: Other names that Keras must report, such as "val_recall".

        Raises:
            NetworkError: Keras raises an exception or does not report `monitor` or `reported`.
        """
        validate = self.validation_error if self._has_error else None
        report = EpochReport(validate, say, monitor, mode, keep_best, reported)
        # Without it, Keras draws the same random numbers as ever.
        validated = monitor != "error" or bool(reported)
        if validated or not self._is_without_loss:
            report.evaluate = self._evaluated
        request = Request(
            self.plan, epochs, seed, report, callbacks, validated, self._take, self.fitting
        )
        began = time.monotonic()
        with self._placing_errors(report):
            self._training.run(request)
        result = report.result
        if self.fitting is None or not self.fitting.paused:
            with _inside(self.folder):
                result = report.keep()
        result.seconds = time.monotonic() - began
        return result

    @contextlib.contextmanager
    def _placing_errors(self, report: EpochReport) -> Iterator[None]:
        """What is raised inside becomes a NetworkError that names the script's line."""
        try:
            yield
        except NetworkError as error:
            if str(error).startswith(self.path.name):
                raise
            raise NetworkError(f"{self.path.name}: {error}") from error
        except SystemExit as error:
            raise NetworkError(
                f"{rendered_script.place(error, self.path)}: sys.exit ends the training in "
                f"{report.place}; a callback stops it by self.model.stop_training = True"
            ) from error
        except Exception as error:
            where = rendered_script.place(error, self.path)
            if where == self.path.name and self.plan.place:
                where = self.plan.place
            raise NetworkError(
                f"{where}: training failed in {report.place}: {explained(error)}"
            ) from error

    def use_all_data(self) -> None:
        """Adds the validation set to the training set: from then on, nothing is validated.

        Raises:
            NetworkError: The script trains in a way that cannot be changed, or not on arrays.
        """
        if isinstance(self._training, Folds):
            self._training = self._training.of_first
            if self._judged is not None:
                self.plan, left = with_judged_rows(self.plan, self._judged, self.validation)
                self.validation = left
        if not self._training.is_by_plan:
            raise NetworkError(
                "--all_data: the script trains by itself, in several calls of fit or a function "
                "train; expected one call of fit"
            )
        if self.validation is not None:
            self.plan = with_validation_set(self.plan, self.validation)
        self.validation, self._own = None, OwnFunctions()

    def _take(self, made: Setup) -> None:
        """Continues with the model and the data of another call of `fit`."""
        self.plan, self.model, self.validation = made.plan, made.plan.model, made.validation

    @property
    def _has_error(self) -> bool:
        scored = self.scoring is not None and self.validation is not None
        return scored or self._own.evaluate is not None

    @property
    def _is_without_loss(self) -> bool:
        """Whether a loop of the script's own has the loss, so that Keras has none to report."""
        has_loss = getattr(self.model, "loss", None) is not None
        is_of_script = isinstance(self._training, trainings.ByFunction)
        return is_of_script and not has_loss and are_of_keras(self.model, "test_step")

    @property
    def validation_count(self) -> int | None:
        """Rows of the validation set; None if they are unknown."""
        return None if self.validation is None else self.validation.count

    def validation_error(self) -> float:
        """The error on the validation set, %, or what the script's `evaluate` gives.

        NaN if it is not computed.
        """
        with _inside(self.folder):
            if self._own.evaluate is not None:
                return self._own.error(self.model)
            return self._error(self.validation)

    def test_error(self) -> float:
        """The error on the test set, %; NaN if there is none or it is not computed.

        Only for the best network: the search must not use it. If the test set, which nobody asked
        for, fails, there is one note more.
        """
        try:
            with _inside(self.folder):
                return self._error(self.test)
        except Exception as error:
            if self.test is None or is_out_of_memory(error):
                raise
            self.notes.append(
                f"the test error is not computed: {self.test.names[0]}: {explained(error)}"
            )
            return math.nan

    def _error(self, held: HeldOut | None) -> float:
        if self.scoring is None or held is None:
            return math.nan
        return self.scoring.error(*held.predicted(self.model))

    def _evaluated(self) -> dict[str, float]:
        """What Keras reports of the validation set now."""
        if self.validation is None or not self.model.compiled:
            return {}
        return self.validation.evaluated(self.model)


def _of_another(capture: Capture) -> str:
    """What to do if the network that was meant is the model of a later call of `fit`."""
    site = capture.site_of_another
    if site is None:
        return ""
    file, line, name = site
    at = f"{Path(file).name}:{line}"
    return f"; {at} trains {name}: {fit_calls.SEVERAL_MODELS}"


def _inside(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Makes a folder the current one for a while, if it is there: a script may have been moved."""
    return contextlib.chdir(folder) if folder.is_dir() else contextlib.nullcontext()

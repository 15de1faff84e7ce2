"""What a script defines: a compiled model, its training and the data to judge it by, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from hwsearch.keras_runtime import keras
from hwsearch.network import checks, first_inputs, setup
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError, kind
from hwsearch.network.fitting.trainings import Script
from hwsearch.network.own_functions import OwnFunctions, batch_size_in, inputs_for
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.scores.scoring import Scoring


@dataclass(slots=True)
class Definition:
    """A compiled Keras model, how it is trained, and the data to judge it by.

    Attributes:
        model: The model.
        plan: The call of `fit`: the script's, or one made of the names that it defines.
        validation: What the search compares networks on; None if the script does that itself.
        test: What only the best network is evaluated on; None = nothing.
        batch_size: Rows per training step.
        inputs: Arrays in the structure of the model's inputs, to measure it on.
        path: The rendered script.
        split: Where the validation set comes from, in words.
        scoring: How the error in % is computed; None = it is not, or by the script's `evaluate`.
        output: Shape of the model's output without the batch; of several outputs, a list.
        notes: Warnings for people, one line each.
        folder: The current folder of the script; its data may name files relative to it.
    """

    model: Any
    plan: TrainingPlan
    validation: HeldOut | None
    test: HeldOut | None
    batch_size: int
    inputs: Any
    path: Path
    split: str
    scoring: Scoring | None
    output: Any
    notes: list[str] = field(default_factory=list)
    folder: Path = field(default_factory=Path.cwd)
    _own: OwnFunctions = field(default_factory=OwnFunctions)
    _judged: HeldOut | None = None

    @classmethod
    def of_call(
        cls,
        plan: TrainingPlan,
        names: Mapping[str, Any],
        script: Script,
        scored: bool,
        own: OwnFunctions,
    ) -> Self:
        """The network of a script that calls `fit`.

        Raises:
            NetworkError: Something is missing, unusable or does not fit together.
        """
        checks.refuse_without_call(plan.model)
        made = setup.of_call(
            plan, names, script.split_seed, script.share, has_evaluate=script.has_evaluate
        )
        model = plan.model
        stream = is_stream(plan.get("x"))
        inputs, output, batch_size = first_inputs.of_call(plan, made.validation, names)
        # A function `evaluate` of the script may do the same to a copy.
        changed = "" if own.evaluate is not None else plan.changed
        made.notes += filter(None, [checks.threshold_note(model, output), changed])
        if made.validation is not None and made.validation.rows_change(model):
            made.notes.append(setup.CHANGING)
        scoring = None
        if scored and own.evaluate is None and made.validation is not None:
            labels = made.validation.labels(model) if stream else data.only(plan.get("y"))
            checks.refuse_without_labels(labels, output)
            labels, name = data.as_array(labels), plan.named("x" if stream else "y")
            scoring = checks.scoring_for(labels, output, model, name)
            checks.check_labels(made.validation, labels, output, name, scoring.ignored)
            ignored = scoring.ignored
            unusable = checks.usable_test_set(made.test, labels, model, output, name, ignored)
            if unusable:
                made.test = None
                made.notes.append(f"the test error is not computed: {unusable}")
            made.notes += filter(None, [made.untested])
        return cls(
            model=model,
            plan=made.plan,
            validation=made.validation,
            test=made.test,
            batch_size=batch_size,
            inputs=inputs,
            path=script.path,
            split=made.split,
            scoring=scoring,
            output=output,
            notes=made.notes,
            folder=script.folder,
            _own=own if scored else OwnFunctions(),
            _judged=made.judged,
        )

    @classmethod
    def of_names(
        cls,
        names: Mapping[str, Any],
        path: Path,
        split: tuple[int, float | None],
        scored: bool,
        own: OwnFunctions,
    ) -> Self:
        """The network of a script that defines `model`, `x_train`, ... and trains nothing.

        Raises:
            NetworkError: Something is missing, unusable or does not fit together.
        """
        made = setup.of_names(names, *split)
        assert made.validation is not None  # noqa: S101 - it always makes one
        model, x_train, y_train = made.plan.model, made.plan.get("x"), made.plan.get("y")
        output = checks.try_forward(model, x_train, "x_train")
        wanted = scored and own.evaluate is None
        scoring = checks.scoring_for(y_train, output, model) if wanted else None
        for part, held in (("test", made.test), ("val", made.validation)):
            if held is None:
                continue
            if data.row_shapes(held.x) != data.row_shapes(x_train):
                checks.try_forward(model, held.x, f"x_{part}")
            if scoring is not None:
                checks.check_labels(held, y_train, output, "y_train", scoring.ignored)
        return cls(
            model=model,
            plan=made.plan,
            validation=made.validation,
            test=made.test,
            batch_size=made.plan.batch_size,
            inputs=made.validation.x,
            path=path,
            split=made.split,
            scoring=scoring,
            output=output,
            _own=own if scored else OwnFunctions(),
        )

    @classmethod
    def of_functions(
        cls, names: Mapping[str, Any], path: Path, scored: bool, own: OwnFunctions
    ) -> Self:
        """The network of a script with a function `train(model, epochs)`.

        Raises:
            NetworkError: Something is missing, unusable or does not fit together.
        """
        model = names.get("model")
        if not isinstance(model, keras.Model):
            raise NetworkError(
                f"model: got {kind(model)}; expected a keras.Model beside train(model, epochs)"
            )
        batch_size = batch_size_in(names)
        inputs = inputs_for(model, names)
        output = checks.try_forward(model, inputs, "the data")
        held = {
            part: HeldOut(names[f"x_{part}"], names[f"y_{part}"], batch_size=batch_size)
            for part in ("val", "test")
            if names.get(f"x_{part}") is not None and names.get(f"y_{part}") is not None
        }
        scoring = None
        if scored and own.evaluate is None:
            if "val" not in held:
                raise NetworkError(
                    "the script defines train(model, epochs) but nothing to compare networks on; "
                    "expected x_val and y_val, or a function evaluate(model)"
                )
            scoring = checks.scoring_for(data.as_array(held["val"].y), output, model)
        return cls(
            model=model,
            plan=TrainingPlan(model),
            validation=held.get("val"),
            test=held.get("test"),
            batch_size=batch_size,
            inputs=inputs,
            path=path,
            split=setup.OWN_EVALUATION if own.evaluate else "x_val, y_val of the script",
            scoring=scoring,
            output=output,
            _own=own if scored else OwnFunctions(own.train),
        )

"""What a network is trained, validated and tested on: from a call of `fit`, or from names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import tested_on
from hwsearch.network.datasets import data, dataset_split
from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError, kind
from hwsearch.network.folds import fold_checks
from hwsearch.network.own_methods import are_of_keras
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import evaluate_calls

REQUIRED = ("model", "x_train", "y_train", "x_test", "y_test", "batch_size")
OPTIONAL = ("x_val", "y_val")
#: Arguments of `fit` that have one row per row of x.
_BY_ROW = ("x", "y", "sample_weight")

#: Validation sets with fewer rows are too small to compare networks on.
FEW_ROWS = 10

CHANGING = (
    "the validation data has other rows each time it is read, so it may contain rows of the "
    "training data; if it is a part of a shuffled tf.data.Dataset, expected shuffle(..., "
    "reshuffle_each_iteration=False)"
)
_UNLIKE = (
    "may not be prepared like the rows of fit, which gets something else than x_train and y_train, "
    "or they change after the call"
)
_OTHERS = f"x_val and y_val are not used, since they {_UNLIKE}; expected validation_data= in fit"
#: Where no validation set comes from: the script judges networks by itself.
OWN_EVALUATION = "evaluate(model) of the script"
_NOT_SPLIT = (
    "--validation_split is ignored: Keras cannot validate the model, whose loss is in its own "
    "train_step, so that only evaluate(model) of the script judges it"
)
_PREPARED = (
    "the search validates on x_val and y_val, since fit gets no validation_data; they must be "
    "prepared like what {} yields"
)


@dataclass(slots=True)
class Setup:
    """How to train and judge one network.

    Attributes:
        plan: The training, with the validation set in it.
        validation: What the search compares networks on; None if only the script's `evaluate` does.
        test: What only the best network is evaluated on; None = nothing.
        split: Where the validation set comes from, in words.
        notes: Warnings for people, one line each.
        untested: A warning if the script evaluates on a test set that cannot be used; "" if not.
        judged: What a fold is judged on, if its epochs are compared on other rows; None = on the
            validation set.
    """

    plan: TrainingPlan
    validation: HeldOut | None
    test: HeldOut | None
    split: str
    notes: list[str] = field(default_factory=list)
    untested: str = ""
    judged: HeldOut | None = None


def of_names(names: Mapping[str, Any], seed: int, share: float | None) -> Setup:
    """The setup of a script that defines `model`, `x_train`, ... and leaves the training to us.

    Args:
        names: What the script defines.
        seed: Seed of the validation split.
        share: Share of the training set that is held out; None = x_val, or our own rule.

    Raises:
        NetworkError: Something is missing or does not fit together.
    """
    has_validation = _check_names(names) and share is None
    model = checked_model(names["model"])
    batch_size = _checked_batch_size(names["batch_size"])
    several_inputs = len(getattr(model, "inputs", None) or ()) > 1
    x, y = data.read(names, "train", several_inputs)
    x_test, y_test = data.read(names, "test", several_inputs)
    test = HeldOut(x_test, y_test, batch_size=batch_size, names=_names("test"))
    if has_validation:
        x_val, y_val = data.read(names, "val", several_inputs)
        split = "x_val, y_val of the script"
    else:
        kept, held_out = data.split(len(y), seed, share, batch=data.fixed_rows(model))
        x_val, y_val = data.rows(x, held_out), y[held_out]
        x, y = data.rows(x, kept), y[kept]
        split = f"{len(held_out)} images drawn at random from x_train"
    names_of = _names("val" if has_validation else "train")
    validation = HeldOut(x_val, y_val, batch_size=batch_size, names=names_of)
    arguments = {"x": x, "y": y, "batch_size": batch_size, "validation_data": validation.argument}
    return Setup(TrainingPlan(model, arguments), validation, test, split)


def of_call(
    plan: TrainingPlan,
    names: Mapping[str, Any],
    seed: int,
    share: float | None,
    *,
    has_evaluate: bool = False,
) -> Setup:
    """The setup of a script that calls `fit`.

    Args:
        plan: The call.
        names: What the script had defined by then: `x_val`, `x_test` and the like.
        seed: Seed of the validation split, if the call names no validation data.
        share: Share of the training set that is held out instead of the call's validation data; not
            of a model that only `evaluate` can judge.
        has_evaluate: Whether the script's function `evaluate` gives the error, so that a stream of
            which no part can be held out, and a model without a loss, need no validation set.

    Raises:
        NetworkError: There is nothing to validate on, or numbers are NaN or infinite.
    """
    _check_training_data(plan)
    rows = plan.get("validation_batch_size", plan.batch_size)
    setup = _validated(plan, names, seed, share, has_evaluate)
    given, validation = plan.get("validation_data"), setup.validation
    setup.test, setup.untested = tested_on.of_call(plan, names, rows)
    if validation is None:
        return setup
    if plan.fold is not None:
        _judge_fold(setup, validation, rows if share is None else None)
        setup.untested = ""
        test, left = setup.test, (plan.fold.held_out, given)
        if test is not None and tested_on.is_left_out(test, validation, *left):
            setup.test = None
        return setup
    _note_test_set(setup, validation, given if share is None else None, names)
    _note_few_rows(setup, validation)
    return setup


def _validated(
    plan: TrainingPlan,
    names: Mapping[str, Any],
    seed: int,
    share: float | None,
    has_evaluate: bool,
) -> Setup:
    """The setup of a call without a test set; see `of_call`."""
    rows = plan.get("validation_batch_size", plan.batch_size)
    given, own_split = plan.get("validation_data"), plan.validation_split
    alone = has_evaluate and _has_no_loss(plan.model)  # nothing but `evaluate` judges it
    if share is not None and not alone:
        return _held_out(plan, seed, share, rows)
    if given is not None:
        steps = plan.get("validation_steps")
        held = HeldOut.of_argument(given, steps, rows, plan.validation_names)
        held.check()
        judged = held.first(steps)
        return _with_validation(plan, judged, _cut("validation_data of fit", held, judged), steps)
    if own_split:
        return _with_last_rows(plan, own_split, rows)
    if plan.fold is not None:
        return _with_validation(plan, _of_fold(plan, rows), plan.fold.text)
    if alone:
        notes = [] if share is None else [_NOT_SPLIT]
        return Setup(plan, None, None, OWN_EVALUATION, notes)
    return _found(plan, names, seed, has_evaluate)


def _found(plan: TrainingPlan, names: Mapping[str, Any], seed: int, has_evaluate: bool) -> Setup:
    """The same for a call that names no validation data: from names, or held out."""
    rows = plan.get("validation_batch_size", plan.batch_size)
    stream = is_stream(plan.get("x"))
    has_names = evaluate_calls.alike("val", names, _pair(plan), plan.unready)
    has_others = all(names.get(name) is not None for name in OPTIONAL)
    if has_names or (has_others and stream):
        x, y = (names[name] for name in OPTIONAL)
        held = HeldOut(x, y, batch_size=rows, names=_names("val"))
        held.check()
        setup = _with_validation(plan, held, "x_val, y_val of the script")
        if not has_names:
            setup.notes.append(_PREPARED.format(plan.named("x")))
        return setup
    try:
        setup = _held_out(plan, seed, None, rows)
    except NetworkError:
        if not (stream and has_evaluate):
            raise
        setup = Setup(plan, None, None, OWN_EVALUATION)
    if has_others:
        setup.notes.append(_OTHERS)
    return setup


def _has_no_loss(model: Any) -> bool:
    """Whether a class has its loss in a `train_step` of its own, which Keras cannot validate."""
    has_own_step = not are_of_keras(model, "train_step")
    return has_own_step and model.loss is None and are_of_keras(model, "test_step", "compute_loss")


def _with_last_rows(plan: TrainingPlan, share: float, rows: int) -> Setup:
    """A setup with the validation set that `fit` itself holds out: `validation_split`."""
    if is_stream(plan.get("x")):
        raise NetworkError(
            f"validation_split of fit: is for arrays only, and {plan.named('x')} is "
            f"{kind(plan.get('x'))}; expected validation_data="
        )
    last = math.floor(_count(plan) * (1 - share))
    x, y, weight = (_rows(plan.get(name), slice(last, None)) for name in _BY_ROW)
    split = f"the last {_count(plan) - last} rows of x (validation_split of fit)"
    held = HeldOut(x, y, weight, None, rows, names=_names_of_fit(plan))
    judged = held.first(plan.get("validation_steps"))
    return Setup(plan, judged, None, _cut(split, held, judged))


def _of_fold(plan: TrainingPlan, rows: int) -> HeldOut:
    """What a fold is judged on, if that is not the validation data of `fit`."""
    fold = plan.fold
    assert fold is not None  # noqa: S101 - its callers have seen it
    names = tuple(f"{part} of {fold.text}" for part in ("the inputs", "the labels", "the weights"))
    held = HeldOut.of_argument(fold.held_out, None, rows, names)  # type: ignore[arg-type]
    held.check()
    return held


def _judge_fold(setup: Setup, validation: HeldOut, rows: int | None) -> None:
    """Completes the setup of a fold.

    Args:
        setup: To be completed.
        validation: Its validation set.
        rows: Per batch of what it is judged on; None = the validation set is not the script's.
    """
    fold = setup.plan.fold
    if rows is not None and fold is not None and fold.held_out is not None:
        judged = _of_fold(setup.plan, rows)
        if fold_checks.rows(judged.x) != fold_checks.rows(validation.x):
            setup.judged = judged
            setup.split = f"{fold.text} (epochs are compared on {setup.split})"
    setup.split += ", of each fold"


def _check_training_data(plan: TrainingPlan) -> None:
    if not is_stream(plan.get("x")):
        data.check({plan.named(name): plan.get(name) for name in _BY_ROW})


def _names(part: str) -> tuple[str, str, str]:
    """What a script calls the inputs, labels and weights of "train", "val" or "test"."""
    return f"x_{part}", f"y_{part}", f"the weights of x_{part}"


def _names_of_fit(plan: TrainingPlan) -> tuple[str, str, str]:
    return tuple(plan.named(name) for name in _BY_ROW)  # type: ignore[return-value]


def checked_model(model: Any) -> Any:
    """The model, if it can be trained.

    Raises:
        NetworkError: It is no compiled Keras model.
    """
    if not isinstance(model, keras.Model):
        raise NetworkError(f"model: got {kind(model)}; expected a keras.Model")
    if not model.compiled:
        raise NetworkError(
            "model: is not compiled; call model.compile(optimizer=..., loss=...) in the script"
        )
    return model


def _held_out(plan: TrainingPlan, seed: int, share: float | None, rows: int) -> Setup:
    """Takes the validation set from the training set."""
    if is_stream(plan.get("x")):
        reduced, validation, split = dataset_split.split(plan, share)
        return _with_validation(reduced, validation, split)
    batch = data.fixed_rows(plan.model)
    kept, held_out = data.split(_count(plan), seed, share, plan.named("x"), batch)
    given = {name: plan.arguments.get(name) for name in _BY_ROW}
    x, y, weight = (_rows(value, held_out) for value in given.values())
    validation = HeldOut(x, y, weight, None, rows, names=_names_of_fit(plan))
    remaining = {name: _rows(value, kept) for name, value in given.items() if value is not None}
    reduced = replace(plan, arguments=plan.arguments | remaining)
    return _with_validation(reduced, validation, f"{len(held_out)} rows drawn at random from x")


def _cut(split: str, whole: HeldOut, judged: HeldOut) -> str:
    """Where a validation set comes from, if `validation_steps` takes the first batches of it."""
    if judged is whole:
        return split
    return f"the first {judged.count} of {whole.count} rows (validation_steps) of {split}"


def _with_validation(
    plan: TrainingPlan, validation: HeldOut, split: str, steps: int | None = None
) -> Setup:
    """A setup with a validation set; `steps` are the `validation_steps` that belong to it."""
    arguments = plan.arguments | {"validation_data": validation.argument}
    arguments.pop("validation_split", None)
    if steps is None:
        arguments.pop("validation_steps", None)
    return Setup(replace(plan, arguments=arguments), validation, None, split)


def _rows(value: Any, which: Any) -> Any:
    return None if value is None else data.rows(value, which)


def _pair(plan: TrainingPlan) -> dict[str, Any]:
    """The inputs and labels of `fit`: single arrays where one is in a list or dictionary."""
    return {name: data.only(plan.get(name)) for name in ("x", "y")}


def _count(plan: TrainingPlan) -> int:
    """Rows of x."""
    first = next(iter(keras.tree.flatten(plan.get("x"))), None)
    return 0 if first is None else int(first.shape[0])


def _note_test_set(setup: Setup, validation: HeldOut, given: Any, names: Mapping[str, Any]) -> None:
    """Says so if the search validates on the test set, whose error is then not reported."""
    plan = setup.plan
    written = plan.texts.get("validation_data", "")
    name = tested_on.validated(setup.test, names, validation, given, written)
    if name:
        setup.test, setup.untested = None, ""
        remedy = "--validation_split 0.1 selects on a part of the training data instead"
        if is_stream(plan.get("x")):
            remedy = "a part of the training data as validation_data is better"
        setup.notes.append(
            f"fit validates on {name}: the search selects on it, so the reported error is too low; "
            f"{remedy}"
        )
        return
    has_names = all(names.get(name) is not None for name in ("x_test", "y_test"))
    if setup.test is None and not setup.untested and has_names:
        setup.untested = f"the test error is not computed: x_test and y_test {_UNLIKE}"


def _note_few_rows(setup: Setup, validation: HeldOut) -> None:
    """Says so if a single row of the validation set changes the error by a lot."""
    count = validation.count
    if count is not None and count < FEW_ROWS:
        rows = "1 row" if count == 1 else f"{count} rows"
        setup.notes.append(
            f"the validation set has {rows}: a single row changes the error by "
            f"{100 / count:.0f} %; more rows make networks comparable"
        )


def _check_names(names: Mapping[str, Any]) -> bool:
    """Checks that a script defines all names; returns whether it has its own validation set."""
    for part in ("train", "val", "test"):
        data.refuse_stream(names.get(f"x_{part}"), f"x_{part}")
    missing = [name for name in REQUIRED if names.get(name) is None]
    if missing:
        raise NetworkError(
            f"the script does not call model.fit and does not define {', '.join(missing)}; without "
            f"fit, it must define {', '.join(REQUIRED)} (optional: {' and '.join(OPTIONAL)}); "
            "with a training loop of its own: model, train(model, epochs) and evaluate(model)"
        )
    given = [name for name in OPTIONAL if names.get(name) is not None]
    if len(given) == 1:
        other = next(name for name in OPTIONAL if name not in given)
        raise NetworkError(f"the script defines {given[0]} but not {other}; define both or neither")
    return bool(given)


def _checked_batch_size(value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not number >= 1 or not number.is_integer():
        raise NetworkError(f"batch_size: got {value!r}; expected a whole number of at least 1")
    return int(number)

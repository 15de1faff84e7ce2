"""What each script of `templates/` is, and what its search minimises or maximises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one script is run and checked.

    Attributes:
        flags: The objective's flags.
        value: How the saved network is evaluated independently: `classes` (wrong classes in %),
            `binary` (wrong yes or no in %), `evaluate` (its script's own function), or the name of
            a metric that Keras' `evaluate` gives.
        tolerance: Relative difference that sums in another order may make; more where the network
            draws random numbers in inference too.
    """

    flags: tuple[str, ...] = ("--optimize", "error")
    value: str = "classes"
    tolerance: float = 1e-4


def _metric(name: str, direction: str = "--optimize") -> Kind:
    return Kind((direction, f"val_{name}"), name)


_CLASSES = """
    augmentation backbone callbacks_checkpoint callbacks_early_stopping contract_names dataset
    dataset_augmented fit_on_test fit_plain fit_validation_data functional_residual generator
    keras2_legacy_optimizer keras2_spellings learning_rate_schedule lstm main_guard mixed_precision
    own_layer own_train_step plots_after pydataset segmentation subclassed transformer two_inputs
    trainer_class two_phases
"""
_YES_OR_NO = """
    columns dataset_repeated gru_bidirectional keras2_fit_generator main_function multi_label
    siamese text
"""
KINDS: dict[str, Kind] = {
    **{name: Kind() for name in _CLASSES.split()},
    **{name: Kind(value="binary") for name in _YES_OR_NO.split()},
    "autoencoder": _metric("loss"),
    "binary_auc": _metric("auc", "--maximize"),
    "class_weight": _metric("auc", "--maximize"),
    "forecast": _metric("mae"),
    "own_loop": Kind(value="evaluate"),
    "own_loss": _metric("loss"),
    "own_metric": _metric("worst_class", "--maximize"),
    "recommender": _metric("rmse"),
    "regression": _metric("mae"),
    "sample_weight": _metric("mae"),
    "triplets": _metric("loss"),
    "two_outputs": _metric("digit_accuracy", "--maximize"),
    "variational_autoencoder": Kind(("--optimize", "val_loss"), "loss", tolerance=0.03),
    "windows": _metric("mae"),
}
"""By the script's name."""

"""Which network is kept as the best, and what becomes of its files."""

from __future__ import annotations

import math
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.keep_best import Candidate, keep_if_best, retract
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.kept.models import kept_models
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome, Quantity
from tests.disks import fill, small_disk

SETTINGS = Settings("run", "error", {"power": 85.0})


class Trained:
    """A network that counts how often its test set was evaluated."""

    def __init__(self, text="a model", weights=b"weights"):
        self.model = self
        self.text = text
        self.weights = weights
        self.tests = 0

    def test_error(self):
        self.tests += 1
        return 12.5

    def save(self, path):
        if self.text is None:
            raise ValueError("a layer without get_config")
        Path(path).write_text(self.text)

    def save_weights(self, path):
        if self.weights is None:
            raise OSError("no room")
        Path(path).write_bytes(self.weights)

    def get_weights(self):
        return []


@pytest.fixture
def experiment(tmp_path):
    return prepared(tmp_path)


def prepared(folder):
    made = Experiment(folder)
    made.prepare()
    made.save_settings(SETTINGS)
    return made


def candidate(job, error, watts_left=1.0):
    measurements = Measurements(
        script=f"tmp/{job:08d}_keras_net.py", metrics={"error": Quantity(error)}
    )
    return Candidate(job, {"error": error, "power": watts_left}, measurements)


def test_only_a_better_network_replaces_the_best(experiment):
    for job, error, best in ((1, 9.0, 1), (2, 9.5, 1), (3, 9.0, 1), (4, 8.0, 4)):
        network = Trained(f"model {job}")
        test_error = keep_if_best(experiment, SETTINGS, candidate(job, error), network)
        assert test_error == (12.5 if best == job else None)
        assert network.tests == (best == job)
        kept = experiment.best("run")
        assert (kept.job, kept.script) == (best, f"tmp/{best:08d}_keras_net.py")
        assert (experiment.folder / kept.model).read_text() == f"model {best}"
    assert experiment.best("another run") is None


def test_of_equal_objectives_the_network_furthest_below_its_bound_is_the_best(experiment):
    for job, watts, best in ((2, 80.0, 2), (1, 80.0, 1), (3, 79.0, 3), (4, 84.0, 3), (5, 79.0, 3)):
        metrics = {"error": Quantity(9.0), "power": Quantity(watts)}
        values = {"error": 9.0, "power": 85.0 - watts}
        one = Candidate(job, values, Measurements(metrics=metrics))
        keep_if_best(experiment, SETTINGS, one, Trained())
        assert experiment.best("run").job == best


def test_of_a_maximised_metric_the_highest_is_the_best(experiment):
    settings = Settings("run", "val_auc", maximize=True)
    for job, auc, best in ((1, 0.8, 1), (2, 0.7, 1), (3, 0.9, 3)):
        measurements = Measurements(metrics={"val_auc": Quantity(auc)})
        trained = Candidate(job, {"val_auc": -auc}, measurements)
        keep_if_best(experiment, settings, trained, Trained())
        kept = experiment.best("run")
        assert (kept.job, kept.objective) == (best, max(0.8, auc))


@pytest.mark.parametrize(("error", "watts_left"), [(math.nan, 1.0), (9.0, -0.1), (9.0, math.nan)])
def test_a_network_over_the_budget_or_without_error_is_not_kept(error, watts_left, experiment):
    network = Trained()
    assert keep_if_best(experiment, SETTINGS, candidate(1, error, watts_left), network) is None
    assert network.tests == 0
    assert not experiment.best_file.exists()


def test_a_job_that_outlived_its_run_leaves_the_next_one_alone(experiment):
    experiment.save_settings(Settings("the next run", "error"))
    assert keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained()) is None
    assert not experiment.best_file.exists()


def kept_text(experiment):
    """What best_model.keras holds."""
    return experiment.best_model.read_text()


def test_a_model_that_keras_cannot_save_is_kept_as_weights(experiment, capsys):
    keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1"))
    keep_if_best(experiment, SETTINGS, candidate(2, 7.0), Trained(None, b"weights 2"))
    kept = experiment.best("run")
    assert (kept.job, kept.model, kept.former_job) == (2, None, None)
    assert (kept.weights, kept.loading) == ("tmp/best_model.weights.h5", "script and weights")
    assert experiment.best_weights.read_bytes() == b"weights 2"
    assert not experiment.best_model.exists()  # which was that of another network
    assert capsys.readouterr().err == (
        "the best model cannot be saved (ValueError: a layer without get_config); its script and "
        "its weights are kept\n"
    )
    keep_if_best(experiment, SETTINGS, candidate(4, 1.0), Trained("model 4", None))
    kept = experiment.best("run")
    assert (kept.job, kept.model, kept.weights) == (4, "tmp/best_model.keras", None)
    assert kept_text(experiment) == "model 4"
    assert not experiment.best_weights.exists()
    assert not list(experiment.tmp.glob(".*best_model*"))


def test_a_network_of_which_nothing_can_be_saved_leaves_the_former_one(experiment, capsys):
    keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1"))
    for job in (2, 3):
        keep_if_best(experiment, SETTINGS, candidate(job, 9.0 - job), Trained(None, None))
        kept = experiment.best("run")
        assert (kept.job, kept.model, kept.weights, kept.former_job) == (job, None, None, 1)
        assert (kept_text(experiment), kept.loading) == ("model 1", "")
        assert experiment.best_weights.read_bytes() == b"weights"
    assert "and so are the files of the previous best network" in capsys.readouterr().err
    keep_if_best(experiment, SETTINGS, candidate(4, 1.0), Trained("model 4"))
    kept = experiment.best("run")
    assert (kept.job, kept.model, kept.former_job) == (4, "tmp/best_model.keras", None)
    assert kept_text(experiment) == "model 4"


def test_a_first_network_of_which_nothing_can_be_saved(experiment):
    keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained(None, None))
    kept = experiment.best("run")
    assert (kept.job, kept.model, kept.weights, kept.former_job) == (1, None, None, None)


def test_a_job_killed_between_two_files_is_done_again(experiment, monkeypatch):
    keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1"))
    replace = Path.replace

    def killed(self, target):
        if target == experiment.best_weights:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_if_best(experiment, SETTINGS, candidate(2, 8.0), Trained("model 2", b"2"))
    assert experiment.best("run").job == 1
    keep_if_best(experiment, SETTINGS, candidate(2, 8.0), Trained("model 2", b"2"))
    assert (experiment.best("run").job, kept_text(experiment)) == (2, "model 2")
    assert experiment.best_weights.read_bytes() == b"2"


def test_a_full_disk_leaves_the_former_best(tmp_path, capsys):
    with small_disk(tmp_path / "disk") as disk:
        experiment = prepared(disk)
        keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1" * 10_000))
        before = experiment.best_file.read_bytes()
        filler = fill(disk)
        for job in (2, 3):
            network = Trained(f"model {job}" * 10_000, b"x" * 10_000)
            assert keep_if_best(experiment, SETTINGS, candidate(job, 9.0 - job), network) == 12.5
            assert experiment.best_file.read_bytes() == before
            assert kept_text(experiment) == "model 1" * 10_000
        assert "No space left on device" in capsys.readouterr().err
        assert not list(experiment.tmp.glob(".*best*"))
        filler.unlink()
        keep_if_best(experiment, SETTINGS, candidate(4, 1.0), Trained("model 4"))
        assert (experiment.best("run").job, kept_text(experiment)) == (4, "model 4")


def test_a_disk_with_room_for_the_description_alone(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        experiment = prepared(disk)
        keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1"))
        keep_if_best(experiment, SETTINGS, candidate(2, 8.0), Trained("x" * 2**22, b"x" * 2**22))
        kept = experiment.best("run")
        assert (kept.job, kept.model, kept.former_job) == (2, None, 1)
        assert kept_text(experiment) == "model 1"


def test_with_keep_models_others_than_the_best_are_kept_too(experiment, capsys):
    settings = replace(SETTINGS, keep_models=1)
    for job, error, watts, best in (
        (1, 5.0, 80.0, True),
        (2, 6.0, 70.0, False),
        (3, 7.0, 75.0, False),
        (4, 1.0, 99.0, False),
    ):
        metrics = {"error": Quantity(error), "power": Quantity(watts)}
        values = {"error": error, "power": 85.0 - watts}
        network = Trained(f"model {job}")
        trained = Candidate(job, values, Measurements(metrics=metrics))
        test_error = keep_if_best(experiment, settings, trained, network)
        assert test_error == (12.5 if best else None)
        assert network.tests == best
    models = {path.parent.name: path.read_text() for path in experiment.models.glob("*/*.keras")}
    assert models == {"job-1": "model 1", "job-2": "model 2", "job-4": "model 4"}
    assert (experiment.best("run").job, kept_text(experiment)) == (1, "model 1")
    unsaved = replace(trained, job_id=5, values={"error": 0.5, "power": -1.0})
    keep_if_best(experiment, settings, unsaved, Trained(None, None))
    assert capsys.readouterr().err == (
        "the model cannot be saved (ValueError: a layer without get_config); its script is kept\n"
    )
    assert not experiment.kept_model(5).exists()


def test_the_best_network_for_an_earlier_budget_of_a_sweep_is_kept(experiment):
    settings = replace(SETTINGS, constraints={"power": 70.0}, sweep={"power": [85.0, 70.0]})
    for job, error, watts in ((1, 9.0, 65.0), (2, 8.0, 80.0), (3, 8.5, 80.0), (4, 1.0, 90.0)):
        metrics = {"error": Quantity(error), "power": Quantity(watts)}
        values = {"error": error, "power": 70.0 - watts}
        trained = Candidate(job, values, Measurements(metrics=metrics))
        keep_if_best(experiment, settings, trained, Trained(f"model {job}"))
    models = {path.parent.name: path.read_text() for path in experiment.models.glob("*/*.keras")}
    assert models == {"job-1": "model 1", "job-2": "model 2"}
    assert experiment.best("run").job == 1


def test_a_job_that_was_killed_before_it_had_a_result_is_the_best_again(experiment):
    for attempt in ("first", "second"):
        network = Trained(f"model of the {attempt} attempt")
        assert keep_if_best(experiment, SETTINGS, candidate(2, 9.0), network) == 12.5
        assert kept_text(experiment) == f"model of the {attempt} attempt"
    assert keep_if_best(experiment, SETTINGS, candidate(3, 9.0), Trained()) is None
    assert keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("1")) == 12.5
    assert KeptFolder(experiment.best_folder).network().job == 1


def within(job, error, watts_left=1.0):
    """A candidate whose power is known."""
    one = candidate(job, error, watts_left)
    metrics = {**one.measurements.metrics, "power": Quantity(85.0 - watts_left)}
    return replace(one, measurements=replace(one.measurements, metrics=metrics))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (within(2, 8.5), (2, 8.5)),
        (within(2, 9.5), (1, 9.0)),
        (within(2, 8.0, watts_left=-1.0), (1, 9.0)),
        (within(2, math.nan), (1, 9.0)),
    ],
)
def test_the_result_of_a_lost_attempt_does_not_stay(experiment, second, expected):
    keep_if_best(experiment, SETTINGS, within(1, 9.0), Trained("model 1"))
    keep_if_best(experiment, SETTINGS, within(2, 8.0), Trained("model 2"))
    assert keep_if_best(experiment, SETTINGS, second, Trained("again")) == (
        12.5 if expected[0] == 2 else None
    )
    for best in (experiment.best("run"), KeptFolder(experiment.best_folder).network()):
        assert (best.job, best.objective) == expected
        assert (best.model is None) == (best.job == 1), "it was replaced by that of job 2"
    keep_if_best(experiment, SETTINGS, within(3, 8.7), Trained("model 3"))
    assert experiment.best("run").job == (2 if expected[0] == 2 else 3)


def test_a_lost_attempt_that_was_the_first_best_network_leaves_none(experiment):
    settings = replace(SETTINGS, keep_models=2)
    keep_if_best(experiment, settings, within(1, 9.0), Trained())
    assert experiment.kept_model(1).is_dir()
    retract(experiment, settings, 2)
    assert experiment.best("run").job == 1, "it is not of job 2"
    retract(experiment, settings, 1)
    assert experiment.best("run") is None
    assert not experiment.best_folder.exists()
    assert not experiment.kept_model(1).exists()


def test_what_was_the_best_before_is_not_so_under_other_bounds(experiment):
    keep_if_best(experiment, SETTINGS, within(1, 9.0, watts_left=1.0), Trained())
    keep_if_best(experiment, SETTINGS, within(2, 8.0, watts_left=9.0), Trained())
    retract(experiment, replace(SETTINGS, constraints={"power": 80.0}), 2)
    assert experiment.best("run") is None


def test_a_network_that_was_only_measured_has_a_folder_without_a_model(experiment):
    settings = Settings("run", "params", {"power": 85.0})
    measured = Measurements(
        outcome=Outcome.MEASURED, metrics={"params": Quantity(50.0), "power": Quantity(80.0)}
    )
    one = Candidate(1, {"params": 50.0, "power": 5.0}, measured)
    assert math.isnan(keep_if_best(experiment, settings, one, Trained()))
    text = (experiment.best_folder / "README.md").read_text()
    assert "There is no trained model of this network" in text
    assert "    params  50 parameters  optimised\n" in text


def test_a_folder_that_cannot_be_written(experiment, capsys):
    """The experiment's own folder is read-only; tmp/ is not."""
    command = ["chattr", "+i", str(experiment.folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("chattr +i is not allowed here")
    try:
        assert keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained("model 1")) == 12.5
    finally:
        subprocess.run(["chattr", "-i", str(experiment.folder)], check=True)
    assert capsys.readouterr().err == (
        "the folder best cannot be written (Operation not permitted); the best network is in tmp, "
        "as best.json says\n"
    )
    assert (experiment.best("run").job, kept_text(experiment)) == (1, "model 1")
    keep_if_best(experiment, SETTINGS, candidate(2, 9.5), Trained())  # which is not better
    assert KeptFolder(experiment.best_folder).network().job == 1


def test_a_lock_that_cannot_be_opened_is_said(experiment, capsys):
    experiment.best_lock.mkdir()
    assert keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Trained()) is None
    assert capsys.readouterr().err == (
        "the best network cannot be kept (Is a directory); its script is kept\n"
    )


def test_an_error_of_the_test_set_that_has_no_number_is_said(experiment, capsys):
    class Unread(Trained):
        def test_error(self):
            raise OSError("can't read\ndata")

    assert keep_if_best(experiment, SETTINGS, candidate(1, 9.0), Unread()) is None
    assert capsys.readouterr().err == (
        "the best network cannot be kept (can't read\\ndata); its script is kept\n"
    )


def test_workers_that_end_together_agree_on_one(experiment):
    """Each holds the lock while it replaces both places."""
    jobs = range(1, 9)
    with ThreadPoolExecutor(8) as pool:
        for job in jobs:
            one = Trained(f"model {job}")
            pool.submit(keep_if_best, experiment, SETTINGS, candidate(job, 9.0 - job), one)
    shown = KeptFolder(experiment.best_folder).network()
    assert (shown.job, experiment.best("run").job, kept_text(experiment)) == (8, 8, "model 8")
    assert (experiment.best_folder / shown.model).read_text() == "model 8"


def test_the_networks_of_a_front_are_kept_and_the_best_has_the_first_objective(experiment):
    settings = Settings("run", "error", further_objectives={"params": False})
    for job, error, params, kept in (
        (1, 9.0, 50.0, [1]),
        (2, 7.0, 90.0, [1, 2]),
        (3, 9.5, 60.0, [1, 2]),  # dominated
        (4, 7.0, 80.0, [1, 4]),  # better than job 2, and as good in the first objective
        (5, 5.0, math.nan, [1, 4]),
    ):
        metrics = {"error": Quantity(error), "params": Quantity(params)}
        measured = Measurements(script=f"tmp/{job:08d}_keras_net.py", metrics=metrics)
        trained = Candidate(job, {"error": error, "params": params}, measured)
        told = keep_if_best(experiment, settings, trained, Trained(f"model {job}"))
        assert told == (12.5 if job in kept else None)
        assert sorted(kept_models(experiment, "run")) == kept
    assert experiment.best("run").job == 4
    assert KeptFolder(experiment.kept_model(1)).network().test_error == 12.5

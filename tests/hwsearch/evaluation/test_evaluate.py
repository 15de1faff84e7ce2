"""A job from its parameters to its values, with a template that takes no time."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import hyperpower
from hwsearch.atomic_files import write_json
from hwsearch.budget import AtLeast
from hwsearch.evaluation import EvaluationError, MachineError, evaluate, job_seed
from hwsearch.experiment.first_device import described
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.predicting.store import Store
from hwsearch.template import Template
from tests.disks import fill, small_disk

TEMPLATE = '''"""A toy."""
import keras
import numpy as np

rng = np.random.default_rng(0)
x_train = rng.normal(size=(128, 4)).astype("float32")
y_train = (x_train[:, 0] > 0).astype(int)
x_test, y_test = x_train[:50], y_train[:50]
batch_size = 16
how = HYPERPARAM{"type": "ENUM", "token": "how", "options": ["fine", "raises", "no model"]}
model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(HYPERPARAM{
            "type": "INT", "token": "units", "transform": "LOG2", "min": 0, "max": 6
        }, "relu"),
        keras.layers.Dense(2, "softmax"),
    ]
)
if how == "raises":
    raise ValueError("nothing to learn")
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": -30, "max": 2}
model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
if how == "no model":
    del model
'''


@pytest.fixture
def experiment(prepared):
    return prepared(TEMPLATE)


def params(units=3, rate=0.5, how="fine"):
    """As the launcher gives them: arrays and lists of one."""
    return {"how": [how], "units": np.array([units]), "rate": np.array([rate])}


def job(experiment, job_id, settings, **given):
    template = experiment.load_template()
    experiment.save_settings(settings)
    return evaluate(experiment, settings, template, job_id, params(**given))


def weights(units):
    return 5 * 2**units + 2 * (2**units + 1)


def test_a_trained_job_keeps_all_results(experiment, capsys):
    settings = Settings("run", "error", {"params": 100.0, "macs": 1e6}, epochs=2)
    result = job(experiment, 7, settings)
    found = result.measurements
    assert result.values["params"] == 100 - weights(3)
    assert result.values["macs"] == 1e6 - (4 * 8 + 8 * 2)
    assert (
        result.values["error"]
        == found.metrics["error"].value
        == found.history["error"][found.kept_epoch - 1]
    )
    assert found.outcome is Outcome.TRAINED
    assert not result.reason
    assert found.hyperparameters == {"how": "fine", "units": 8, "rate": pytest.approx(10**-0.5)}
    assert found.script == "tmp/00000007_keras_net.py"
    assert found.epochs == 2
    assert found.metrics["error"].samples == 32
    assert {"build", "measure", "train", "keep", "before_first_step"} <= found.seconds.keys()
    assert found.versions["backend"] == "tensorflow"
    assert found.best
    assert 0 <= found.test_error <= 100
    answer = json.loads(json.dumps(result.returned()))
    assert repr(Measurements.from_json(answer["measurements"])) == repr(found)
    assert "best network so far; test error: " in capsys.readouterr().out


def test_the_rendered_script_builds_the_same_network_alone(experiment):
    import keras

    job(experiment, 3, Settings("run", "error", epochs=1))
    text = experiment.rendered(3).read_text(encoding="utf-8")
    more = "\nprint(model.get_weights()[0].tolist())"
    copy = experiment.tmp / "again.py"
    copy.write_text(text + more, encoding="utf-8")
    runs = [
        subprocess.run(
            [sys.executable, str(copy)], capture_output=True, text=True, check=True
        ).stdout
    ]
    keras.utils.set_random_seed(99)
    from hwsearch.network.network import Network

    network = Network.from_script(experiment.rendered(3), seed=99)
    assert json.loads(runs[0]) == network.model.get_weights()[0].tolist()


def test_a_network_over_a_budget_is_not_trained(experiment, capsys):
    settings = Settings("run", "error", {"params": 30.0, "macs": 1e6}, epochs=2)
    result = job(experiment, 1, settings)
    assert math.isnan(result.values["error"])
    assert result.values["params"] == 30 - weights(3) < 0
    assert result.values["macs"] > 0
    assert result.reason == (
        "rejected before training: params 58 parameters is over the budget of 30 parameters"
    )
    assert result.reason in capsys.readouterr().out
    assert result.measurements.outcome is Outcome.REJECTED
    assert result.measurements.epochs is None
    assert result.returned()["reason"] == result.reason
    assert not experiment.best_file.exists()


def test_an_unaware_search_trains_a_network_over_a_budget(experiment):
    settings = Settings("run", "error", {"params": 30.0}, epochs=1, unaware=True)
    result = job(experiment, 1, settings)
    assert math.isfinite(result.values["error"])
    assert result.values["params"] == 30 - weights(3) < 0
    assert result.measurements.outcome is Outcome.TRAINED
    assert not result.measurements.best
    assert not experiment.best_file.exists()


def test_an_unaware_search_measures_a_network_over_a_computed_budget(experiment):
    bounds = {"params": 30.0, "runtime": 1.0}
    settings = Settings("run", "error", bounds, epochs=1, unaware=True, profile_time_limit=0.3)
    result = job(experiment, 1, settings)
    assert 0 < result.values["runtime"] < 1
    assert (result.values["params"], result.reason) == (30 - weights(3), "")
    assert result.measurements.outcome is Outcome.TRAINED


@pytest.mark.parametrize("units", [3, 5])
def test_a_search_that_needs_no_training_trains_nothing(units, experiment, capsys):
    settings = Settings("run", "macs", {"params": 100.0}, epochs=2)
    result = job(experiment, 1, settings, units=units, rate=-30)
    found = result.measurements
    assert result.values["params"] == 100 - weights(units)
    assert (found.epochs, found.history) == (None, {})
    assert not experiment.best_model.exists()
    assert not experiment.best_weights.exists()
    best = experiment.best("run")
    if units == 5:
        assert (found.outcome, best) == (Outcome.REJECTED, None)
        assert "train" not in found.seconds
        return
    assert (found.outcome, result.reason, found.best) == (Outcome.MEASURED, "", True)
    assert math.isnan(found.test_error)
    assert result.values["macs"] == best.objective == 4 * 8 + 8 * 2
    assert (best.job, best.model, best.weights) == (1, None, None)
    assert "not trained: no metric of the search needs a training" in capsys.readouterr().out
    assert Measurements.from_json(result.returned()["measurements"]).outcome is Outcome.MEASURED


def test_a_measured_network_over_its_budget_is_not_trained(experiment):
    settings = Settings("run", "error", {"runtime": 1e-9}, epochs=2, profile_time_limit=0.3)
    result = job(experiment, 1, settings)
    runtime = result.measurements.metrics["runtime"]
    assert result.values["runtime"] == 1e-9 - runtime.value < 0
    assert math.isnan(result.values["error"])
    assert runtime.samples > 1
    assert result.measurements.outcome is Outcome.REJECTED
    assert result.measurements.profile.latency.batch_size == 16
    [record] = Store(experiment.hardware).records()  # for hardware models
    assert record.quantities["runtime"] == runtime
    assert (record.structure.batch, record.structure.params) == (
        16,
        result.measurements.counts["params"],
    )


def test_a_network_of_equal_structure_is_not_measured_again(experiment, capsys):
    settings = Settings("run", "error", {"runtime": 1e-9}, profile_time_limit=0.3)
    first = job(experiment, 1, settings).measurements
    assert first.as_job is None
    capsys.readouterr()
    second = job(experiment, 2, settings, rate=0.1)
    assert "(budget 1 ns/image); as job 1\n" in capsys.readouterr().out
    found = second.measurements
    assert (found.as_job, found.profile, found.outcome) == (1, None, Outcome.REJECTED)
    assert found.metrics["runtime"].value == first.metrics["runtime"].value
    assert second.values["runtime"] == 1e-9 - first.metrics["runtime"].value
    assert Measurements.from_json(second.returned()["measurements"]).as_job == 1

    others = [
        (Settings("another", "error", {"runtime": 1e-9}, profile_time_limit=0.3), {}),
        (Settings("run", "error", {"runtime": 1e-9}, profile_time_limit=0.4), {}),
        (replace(settings, hardware_models="off"), {}),
        (replace(settings, constraints={"runtime": first.metrics["runtime"].value}), {}),
        (settings, {"units": 2}),
    ]
    for number, (other, given) in enumerate(others, 3):
        result = job(experiment, number, replace(other, epochs=1), **given)
        assert result.measurements.as_job is None
        assert result.measurements.profile is not None


def test_a_network_on_another_device_than_the_first_is_put_back(experiment):
    settings = Settings(
        "run", "error", {"runtime": 1e-9}, profile_time_limit=0.3, hardware_models="off"
    )
    here = job(experiment, 1, settings).measurements.profile.device
    assert json.loads(experiment.device_file.read_text()) == here
    write_json(experiment.device_file, {"kind": "gpu", "name": "NVIDIA A100", "uuid": "GPU-1"})
    with pytest.raises(MachineError) as caught:
        job(experiment, 2, settings)
    assert str(caught.value) == (
        f"measured on {described(here)}, but the first network of this run on NVIDIA A100: their "
        "costs cannot be compared; expected one model of device for all jobs (CPUs with the same "
        "number of logical CPUs), or --mixed_devices"
    )
    settings.mixed_devices = True
    assert job(experiment, 2, settings).measurements.profile.device == here
    # Without a measured metric, the device does not matter.
    computed = Settings("run", "error", {"params": 30.0})
    assert job(experiment, 3, computed).measurements.outcome is Outcome.REJECTED


def test_the_error_can_be_the_constraint_and_a_cost_the_objective(experiment):
    settings = Settings("run", "params", {"error": 60.0}, epochs=3)
    result = job(experiment, 1, settings)
    assert result.values["params"] == weights(3)
    assert result.values["error"] == 60.0 - result.measurements.metrics["error"].value


def test_a_rejected_network_still_has_a_measured_objective(experiment):
    settings = Settings("run", "macs", {"params": 30.0, "error": 60.0}, epochs=3)
    result = job(experiment, 1, settings)
    assert result.values["macs"] == 48
    assert result.values["params"] < 0
    assert math.isnan(result.values["error"])


def test_a_diverging_network_has_no_error(experiment):
    settings = Settings("run", "error", {"params": 1000.0}, epochs=3)
    result = job(experiment, 1, settings, rate=-30.0)
    assert math.isnan(result.values["error"])
    assert result.values["params"] > 0
    assert result.measurements.outcome is Outcome.DIVERGED
    assert result.reason.startswith("training diverged: ")
    assert not experiment.best_file.exists()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("raises", "keras_model/network_def.py:21: ValueError: nothing to learn"),
        (
            "no model",
            "keras_model/network_def.py: the script does not call model.fit and does not define ",
        ),
    ],
)
def test_a_fault_names_the_users_own_line_the_same_for_every_job(how, said, experiment):
    settings = Settings("run", "error", epochs=1)
    messages = set()
    for job_id in (1, 2):
        with pytest.raises(EvaluationError) as caught:
            job(experiment, job_id, settings, how=how)
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert messages.pop().startswith(said)
    assert caught.value.user_message


def test_trainings_that_fail_alike_in_their_first_epoch_end_the_search(prepared):
    experiment = prepared(
        TEMPLATE.partition("if how ==")[0]
        + """
class Log(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_acc"]
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(x_train, y_train, batch_size=64, validation_split=0.5, callbacks=[Log()])
""",
    )
    template, settings = experiment.load_template(), Settings("run", "error", epochs=1)
    experiment.save_settings(settings)
    last = []
    for job_id in (1, 2, 3):
        point = {"how": ["fine"], "units": np.array([job_id])}
        with pytest.raises(EvaluationError) as caught:
            evaluate(experiment, settings, template, job_id, point)
        last.append(getattr(caught.value, "experiment_fault", False))
    assert last == [False, False, True]
    assert "py:23: training failed in epoch 1: KeyError: 'val_acc'; val_acc" in str(caught.value)
    assert "val_accuracy" in str(caught.value)


@pytest.mark.parametrize("bound", [1000.0, 1.0])
def test_a_script_of_several_models_ends_the_search_before_a_training(prepared, bound):
    experiment = prepared(
        TEMPLATE.partition("if how ==")[0]
        + """
other = keras.models.clone_model(model)
for one in (other, model):
    one.compile("sgd", "sparse_categorical_crossentropy")
class Late(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise ValueError("an epoch has passed")
other.fit(x_train, y_train, batch_size=64, callbacks=[Late()])
model.fit(x_train, y_train, batch_size=64)
""",
    )
    template, settings = experiment.load_template(), Settings("run", "error", {"params": bound})
    experiment.save_settings(settings)
    with pytest.raises(EvaluationError) as caught:
        evaluate(experiment, settings, template, 1, {"how": ["fine"], "units": np.array([2])})
    assert getattr(caught.value, "experiment_fault", False)
    assert "py:28: fit trains another model than keras_model/network_def.py:27" in str(caught.value)


def test_the_best_is_kept_and_only_the_better_replaces_it(experiment):
    import keras

    settings = Settings("run", "params", {"error": 99.0}, epochs=1)
    for job_id, units, best in ((1, 3, 1), (2, 5, 1), (3, 2, 3)):
        found = job(experiment, job_id, settings, units=units).measurements
        assert found.best == (best == job_id)
        assert math.isfinite(found.test_error) == (best == job_id)
        kept = experiment.best("run")
        assert kept.job == best
        assert kept.objective == weights(3 if best == 1 else 2)
        model = keras.saving.load_model(experiment.folder / kept.model)
        assert model.count_params() == kept.objective
    assert sorted(path.name for path in experiment.tmp.iterdir() if path.suffix == ".keras") == [
        "best_model.keras"
    ]


def test_the_saved_model_has_the_stored_errors(experiment):
    import keras

    from hwsearch.network.network import Network

    found = job(experiment, 1, Settings("run", "error", epochs=2), units=4).measurements
    data = Network.from_script(experiment.rendered(1), seed=0, split_seed=0)
    data.model = keras.saving.load_model(experiment.best_model)
    assert data.validation_error() == found.metrics["error"].value
    assert data.test_error() == found.test_error == experiment.best("run").test_error


def test_seeds_differ_by_job_and_by_run():
    seeds = {job_seed(seed, number) for seed in range(3) for number in range(1, 20)}
    assert len(seeds) == 57
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_main_is_the_objective_of_the_launcher(experiment, monkeypatch):
    experiment.save_settings(Settings("run", "error", {"params": 30.0}, epochs=1))
    monkeypatch.chdir(experiment.spearmint_dir)
    answer = hyperpower.main(5, params())
    assert set(answer) == {"error", "params", "measurements", "reason"}
    assert experiment.rendered(5).is_file()
    with pytest.raises(EvaluationError, match="hyper-parameter 'rate': got no value"):
        hyperpower.main(6, {"how": ["fine"], "units": [3]})
    experiment.settings_file.unlink()
    with pytest.raises(EvaluationError, match=r"settings\.json"):
        hyperpower.main(6, params())


def test_a_full_disk_is_the_fault_of_the_machine(experiment, monkeypatch):
    experiment.save_settings(Settings("run", "error", epochs=1))
    monkeypatch.chdir(experiment.spearmint_dir)
    tmp = experiment.tmp
    kept = {path.name: path.read_bytes() for path in tmp.iterdir() if path.is_file()}
    with small_disk(tmp) as disk:
        for name, content in kept.items():
            (disk / name).write_bytes(content)
        fill(disk)
        with pytest.raises(MachineError, match="cannot be written: No space left on device"):
            hyperpower.main(1, params())
        assert MachineError.machine_fault


def test_power_and_energy_from_a_recording(experiment, tmp_path, capsys):
    """In real time, with the counter first and the sensor as its check."""
    steps = [n / 10 for n in range(600)]
    recording = tmp_path / "recording.json"
    channels = [
        {"quantity": q, "field": f, "update_s": 0.1}
        for q, f in (("power", "draw"), ("energy", "counter"))
    ]
    readings = {
        "power": [[t, 80 + t % 0.3] for t in steps],
        "energy": [[t, 9 + 80 * t] for t in steps],
    }
    write_json(recording, {"device": "a card", "channels": channels, "readings": readings})
    settings = Settings(
        "run",
        "error",
        {"energy": 1e-12, "power": 90.0},
        meter=f"replay:{recording}",
        profile_time_limit=1.0,
    )
    template = Template.from_file(experiment.template)
    evaluation = evaluate(experiment, settings, template, 1, params())
    found = evaluation.measurements
    assert found.metrics["power"].value == pytest.approx(80, rel=0.1)
    assert found.profile.other_powers["draw"].value == pytest.approx(80, rel=0.1)
    assert found.profile.idle_power.value == pytest.approx(80, rel=0.1)
    assert found.profile.meter_device == "a card"
    assert evaluation.reason.startswith("rejected before training: energy")
    printed = capsys.readouterr().out
    assert "replay: counter (counter)" in printed
    assert "idle power: " in printed


REPORTING = '''"""Regression, with a metric of its own."""
import keras
import numpy as np

class Hungry(keras.layers.Layer):
    def call(self, x, training=None):
        if training and HYPERPARAM{"type": "ENUM", "token": "hungry", "options": [false, true]}:
            x = x + keras.ops.sum(keras.ops.tile(x, [2**21, 2**21]))  # 64 TiB
        return x

def nearness(true, predicted):
    return keras.ops.mean(keras.ops.exp(-keras.ops.abs(true - predicted)))

x_train = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
y_train = x_train[:, :1] * 2
x_test, y_test = x_train[:50], y_train[:50]
batch_size = HYPERPARAM{"type": "INT", "token": "batch", "min": 1, "max": 100}
model = keras.Sequential([keras.Input((4,)), Hungry(), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.05), "mse", metrics=["mae", nearness])
'''


@pytest.fixture
def reporting(experiment):
    experiment.template.write_text(REPORTING, encoding="utf-8")
    experiment.save_template(Template.from_file(experiment.template))
    return experiment


def report(experiment, settings, job_id=1, batch=16, hungry=False):
    experiment.save_settings(settings)
    point = {"batch": np.array([batch]), "hungry": [hungry]}
    return evaluate(experiment, settings, experiment.load_template(), job_id, point)


def test_a_metric_of_the_model_is_maximised_under_bounds_on_others(reporting):
    bounds = {
        "val_mae": 100.0,
        "val_loss": AtLeast(0.0),
        "training_time": 1e6,
        "training_memory": 1000.0,
    }
    settings = Settings("run", "val_nearness", bounds, maximize=True, epochs=3)
    result = report(reporting, settings)
    found = result.measurements
    known = {name: quantity.value for name, quantity in found.metrics.items()}
    assert not result.reason
    assert result.values == {
        "val_nearness": -known["val_nearness"],
        "val_mae": 100.0 - known["val_mae"],
        "val_loss": known["val_loss"],
        "training_time": 1e6 - known["training_time"],
        "training_memory": 1000.0 - known["training_memory"],
    }
    assert found.metrics["training_memory"] == found.training_memory
    assert known["val_nearness"] == max(found.history["val_nearness"]) > 0
    assert found.history["val_nearness"].index(known["val_nearness"]) + 1 == found.kept_epoch
    assert "error" not in known
    stored = json.loads(json.dumps(found.to_json()))["metrics"]["val_nearness"]
    assert stored["std_error"] > 0
    assert stored["samples"] == 32
    assert found.metrics["val_loss"].std_error > 0
    assert found.metrics["training_time"].samples == 1
    assert stored["source"] == f"validation set after epoch {found.kept_epoch}"
    assert reporting.best("run").objective == known["val_nearness"]


def test_a_name_that_the_model_does_not_report_ends_the_first_step(reporting, capsys):
    settings = Settings("run", "val_loss", {"val_recall": AtLeast(0.9)}, epochs=50)
    with pytest.raises(EvaluationError) as caught:
        report(reporting, settings)
    assert str(caught.value) == (
        "keras_model/network_def.py: the training does not report val_recall; it reports "
        "val_loss, val_mae, val_nearness"
    )
    assert "epoch 1/" not in capsys.readouterr().out


def test_a_training_that_takes_too_long_counts_with_its_best_epoch(reporting):
    settings = Settings("run", "val_loss", epochs=1000, train_timeout=0.001)
    result = report(reporting, settings, batch=1)
    found = result.measurements
    assert found.outcome is Outcome.STOPPED
    assert found.epochs == 1
    assert result.reason == "training was ended after 0.001 s (--train_timeout) in epoch 1"
    assert result.values["val_loss"] == found.history["val_loss"][0]
    assert reporting.best("run").job == 1


def test_too_little_memory_for_a_training_is_an_outcome(reporting, capsys):
    settings = Settings("run", "val_loss", {"params": 100.0}, epochs=1)
    result = report(reporting, settings, hungry=True)
    assert math.isnan(result.values["val_loss"])
    assert result.values["params"] == 95
    assert result.measurements.outcome is Outcome.OUT_OF_MEMORY
    assert result.reason.startswith("out of memory in training: keras_model/network_def.py: ")
    assert "\n" not in result.reason
    assert result.reason in capsys.readouterr().out


def test_too_little_memory_for_the_data_is_an_outcome(reporting):
    text = REPORTING.replace("size=(128, 4)", "size=(2**44, 4)")
    reporting.template.write_text(text, encoding="utf-8")
    reporting.save_template(Template.from_file(reporting.template))
    result = report(reporting, Settings("run", "val_loss", {"params": 100.0}, epochs=1))
    assert math.isnan(result.values["params"])
    assert result.reason.startswith("out of memory in building: keras_model/network_def.py:")


def test_a_module_that_has_changed_since_the_run_began_is_noted(experiment, capsys):
    helper = experiment.template.parent / "units_helper.py"
    helper.write_text("x = 1\n")
    text = TEMPLATE.replace("import keras\n", "import keras\nimport units_helper\n", 1)
    template = Template.parse(text, experiment.template)
    experiment.save_template(template, {"units_helper.py": "x = 2\n"})
    settings = Settings("run", "params", {"error": 100.0}, epochs=1)
    result = evaluate(experiment, settings, template, 1, params())
    note = "units_helper.py has changed since the run began"
    assert result.measurements.notes[0] == note
    assert f"note: {note}\n" in capsys.readouterr().out


FIT = "model.fit(x_train, y_train, validation_data=(x_train[{0}], y_train[{0}]))\n"


def test_notes_of_a_network_name_lines_of_the_template(prepared, capsys):
    text = TEMPLATE + FIT.format(":64") + "model.set_weights(model.get_weights())\n"
    result = job(prepared(text), 1, Settings("run", "params"))
    (note,) = result.measurements.notes
    line = text.count("\n")
    assert note.startswith(f"keras_model/network_def.py:{line}: set_weights after the training")
    assert f"note: {note}\n" in capsys.readouterr().out


def test_notes_of_a_training_name_lines_of_the_template(prepared, capsys):
    text = TEMPLATE + FIT.format(":64") + FIT.format("64:")
    job(prepared(text), 1, Settings("run", "error", epochs=1))
    there, here = (f"keras_model/network_def.py:{text.count(chr(10)) - n}: " for n in (1, 0))
    assert f"note: {here}fit validates on other rows than at {there}" in capsys.readouterr().out

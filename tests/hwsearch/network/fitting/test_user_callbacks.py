"""The callbacks of a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting import user_callbacks
from tests.hwsearch.network.scripts import MODEL, train


def test_callbacks_of_the_script_work_and_write_beside_it(network_from, tmp_path):
    network = network_from(
        MODEL
        + """
        callbacks = [
            keras.callbacks.EarlyStopping("val_accuracy", patience=1, mode="min",
                                          start_from_epoch=2, restore_best_weights=True),
            keras.callbacks.ModelCheckpoint("best/{epoch}.weights.h5", save_weights_only=True),
            keras.callbacks.CSVLogger("/elsewhere/log.csv"),
            keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, min_delta=9, patience=1),
        ]
        model.fit(x, y, epochs=30, callbacks=callbacks)
        """
    )
    result = train(network)
    assert result.epochs < 30
    folder = tmp_path / "00000001_files"
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert written[-1] == "log.csv"
    assert len(written) == result.epochs + 1
    assert result.history["learning_rate"][-1] < result.history["learning_rate"][0]
    network.model.load_weights(folder / f"best/{result.kept_epoch}.weights.h5")
    assert network.validation_error() == result.error


SCALED = "keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5, use_ema=True))"


@pytest.mark.parametrize("optimizer", ["keras.optimizers.SGD(0.5, use_ema=True)", SCALED])
def test_weights_of_no_epoch_are_evaluated_again(optimizer, network_from):
    network = network_from(
        MODEL
        + f"""
        model.compile({optimizer}, "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=2)
        """
    )
    result = train(network, keep_best=False)
    assert result.error == network.validation_error()
    assert result.metrics["val_loss"] != result.history["val_loss"][-1]


def test_a_metric_that_a_callback_adds_to_the_logs_can_be_optimised(network_from):
    script = (
        MODEL
        + """
        class Late(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                logs["val_f1"] = np.float64([0.5, 0.8, 0.6][epoch])
        model.fit(x, y, epochs=3, callbacks=[Late()])
        """
    )
    wanted = {"monitor": "val_f1", "mode": "max"}
    result = train(network_from(script), **wanted)
    assert result.history["val_f1"] == [0.5, 0.8, 0.6]
    assert (result.kept_epoch, result.epochs, result.metrics["val_f1"]) == (2, 3, 0.8)
    with pytest.raises(NetworkError, match=r"does not report val_f1; it reports .*val_recall"):
        train(network_from(script.replace("val_f1", "val_recall")), **wanted)


def test_files_keep_their_names_in_the_folder(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint("../runs/best.keras")
    absolute = keras.callbacks.CSVLogger("/elsewhere/log.csv")
    user_callbacks.move_files([checkpoint, absolute], tmp_path)
    user_callbacks.move_files([checkpoint, absolute], tmp_path)  # a second call of fit
    assert absolute.filename == str(tmp_path / "log.csv")
    assert checkpoint.filepath == str(tmp_path / "runs" / "best.keras"), "not beside the folder"
    assert Path(checkpoint.filepath).parent.is_dir()


@pytest.mark.parametrize(
    ("load", "phase"),
    [
        ('model.load_weights("best.weights.h5")', "save_weights_only=True"),
        ('model = keras.models.load_model(Path("best.weights.h5"))', ""),
        ('model = load_model("best.weights.h5")', ""),
        ('model = load_model("best.hdf5")', ""),
    ],
)  # fmt: skip
def test_a_second_phase_continues_from_the_checkpoint_of_the_first(load, phase, network_from):
    name = "best.weights.h5" if phase else "best.keras"
    name = "best.hdf5" if "hdf5" in load else name
    network = network_from(
        MODEL
        + f"""
        from pathlib import Path
        from tensorflow.keras.models import load_model
        saved = keras.callbacks.ModelCheckpoint("{name}", {phase})
        model.fit(x, y, epochs=2, validation_split=0.25, callbacks=[saved])
        first = model.get_weights()[0]
        model.set_weights([0 * weight for weight in model.get_weights()])
        {load.replace("best.weights.h5", name)}
        assert (model.get_weights()[0] == first).all()
        model.fit(x, y, epochs=3, validation_split=0.25)
        """
    )
    result = train(network)
    assert (result.epochs, result.reason) == (5, "")
    assert result.error == network.validation_error()


def test_a_checkpoint_is_found_by_its_name_in_keras_2(network_from):
    network = network_from(
        MODEL
        + """
        saved = keras.callbacks.ModelCheckpoint("best.hdf5", save_weights_only=True)
        model.fit(x, y, epochs=1, validation_split=0.25, callbacks=[saved])
        first = model.get_weights()[0]
        model.set_weights([0 * weight for weight in model.get_weights()])
        model.load_weights("best.hdf5")
        assert (model.get_weights()[0] == first).all()
        model.fit(x, y, epochs=1, validation_split=0.25)
        """
    )
    assert train(network).epochs == 2


def test_what_a_script_loads_before_it_trains_is_its_own(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.save_weights(tmp_path / "mine.weights.h5")
    before = model.get_weights()[0]
    model.set_weights([1 + weight for weight in model.get_weights()])
    (tmp_path / "files").mkdir()
    model.save_weights(tmp_path / "files" / "mine.weights.h5")
    path = str(tmp_path / "mine.weights.h5")
    for trained in (True, False):
        with user_callbacks.moved_files_found(tmp_path / "files", lambda: trained, []):  # noqa: B023
            model.load_weights(path)
        assert (model.get_weights()[0] == before).all() != trained


def test_which_callbacks_may_change_weights():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    stop = keras.callbacks.EarlyStopping(restore_best_weights=True)
    assert not user_callbacks.may_change_weights(model, [stop])
    assert user_callbacks.may_change_weights(model, [keras.callbacks.LambdaCallback()])
    assert user_callbacks.restores(stop)
    assert user_callbacks.restored_epoch([stop]) is None


def test_of_several_callbacks_the_last_one_to_restore_decides():
    first, last = (keras.callbacks.EarlyStopping(restore_best_weights=True) for _ in range(2))
    first.best_weights, first.best_epoch = [], 3
    assert user_callbacks.restored_epoch([first, last]) == 3
    last.best_weights, last.best_epoch = [], 5
    assert user_callbacks.restored_epoch([first, last]) == 5

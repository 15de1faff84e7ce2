"""Which files the folder of a network gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwsearch.atomic_files import write_json
from hwsearch.experiment.kept.content import Files, files_in, put
from hwsearch.experiment.kept.folder import KeptFolder
from tests.hwsearch.experiment.kept.samples import SETTINGS, network, prepared


def test_everything_that_is_needed(tmp_path: Path) -> None:
    experiment = prepared(tmp_path)
    experiment.rendered(3).write_bytes("# -*- coding: latin-1 -*-\n# é".encode("latin-1"))
    write_json(experiment.template_file, {"modules": {"parts/norm.py": "NORM = 'é'"}})
    files = Files(experiment.tmp / "a.keras", experiment.tmp / "a.weights.h5")
    for path in (files.model, files.weights):
        assert path is not None
        path.write_text(path.name)
    one = replace(network(3), objects="OBJECTS = {}", requirements=("keras==3.13.2",))
    place = experiment.kept_model(3)
    put(experiment, SETTINGS, one, files, place)
    assert (place / "00000003_keras_net.py").read_bytes() == experiment.rendered(3).read_bytes()
    assert (place / "parts" / "norm.py").read_text(encoding="utf-8") == "NORM = 'é'"
    assert (place / "own_objects.py").read_text() == "OBJECTS = {}"
    assert (place / "requirements.txt").read_text() == "# Python 3.12.1\nkeras==3.13.2\n"
    kept = KeptFolder(place).network()
    assert kept is not None
    assert (kept.script, kept.model) == ("00000003_keras_net.py", "model.keras")
    found = files_in(place, kept)
    assert found == Files(place / "model.keras", place / "model.weights.h5")
    assert found.model is not None
    assert found.model.samefile(str(files.model))  # no second copy on the disk
    (place / "model.keras").unlink()
    assert files_in(place, kept).model is None


def test_a_network_of_which_little_is_left(tmp_path: Path) -> None:
    experiment = prepared(tmp_path)
    put(experiment, SETTINGS, network(3), Files(), experiment.best_folder)
    names = {path.name for path in experiment.best_folder.iterdir()}
    assert names == {"README.md", "network.json", "requirements.txt"}
    text = (experiment.best_folder / "requirements.txt").read_text()
    assert text == "# Python 3.12.1\njax==0.9\nkeras==3.13.2\n"

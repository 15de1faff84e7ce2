"""The page as a file, and its links."""

from __future__ import annotations

import json
import re

import pytest

from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.report.page.file import write_page
from tests.hwsearch.report.page import samples


@pytest.fixture
def experiment(tmp_path):
    folder = tmp_path / "an experiment#1"
    folder.mkdir()
    found = Experiment(folder)
    found.prepare()
    return found


def rows(path):
    text = path.read_text(encoding="utf-8")
    found = re.search(r'id="document">(.*?)</script>', text)
    return json.loads(found[1])["rows"]


def test_links_to_the_files_that_are_there(experiment, tmp_path):
    experiment.rendered(1).write_text("", encoding="utf-8")
    (experiment.output_dir / "00000001.out").write_text("", encoding="utf-8")
    write_page(experiment.page, samples.SETTINGS, samples.jobs(2), experiment)
    first, second = rows(experiment.page)
    assert first["links"] == {
        "script": "00000001_keras_net.py",
        "output": "../spearmint/output/00000001.out",
    }
    assert second["links"] == {}
    elsewhere = tmp_path / "page.html"
    for job, place in ((1, experiment.best_folder), (2, experiment.kept_model(2))):
        kept = BestNetwork(samples.SETTINGS.experiment_name, job, "error", 1.0)
        KeptFolder(place).replace(kept, {"README.md": b""})
    write_page(experiment.page, samples.SETTINGS, samples.jobs(2), experiment)
    found = [row["links"].get("model") for row in rows(experiment.page)]
    assert found == ["../best/README.md", "../models/job-2/README.md"]
    write_page(elsewhere, samples.SETTINGS, samples.jobs(1), experiment)
    assert rows(elsewhere)[0]["links"]["script"] == "an%20experiment%231/tmp/00000001_keras_net.py"


def test_documents_may_lack_anything(experiment):
    odd = [{"id": "x", "status": "complete"}, {"id": 2, "status": "complete", "values": None}, {}]
    write_page(experiment.page, samples.SETTINGS, odd, experiment)
    assert [row["job"] for row in rows(experiment.page)] == ["x", 2, "?"]


def test_the_page_moves_with_the_files_of_its_run(experiment):
    write_page(experiment.page, samples.SETTINGS, samples.jobs(1), experiment)
    assert experiment.page in set(experiment.run_files())

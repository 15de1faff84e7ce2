"""Modules beside a template."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.script_modules import changes, check, texts
from hwsearch.template import Template

TEMPLATE = """import helpers
units = HYPERPARAM{"type": "INT", "token": "u",
  "min": 1, "max": 9}
import no_such_a
"""


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path)
    made.prepare()
    made.template.parent.mkdir()
    made.template.write_text(TEMPLATE.replace("import no_such_a", ""))
    (made.template.parent / "helpers.py").write_text("import deeper\n")
    (made.template.parent / "deeper.py").write_text("x = 1\n")
    return made


def test_missing_modules_and_hyperparameters_elsewhere(experiment):
    experiment.template.write_text(TEMPLATE)
    folder = experiment.template.parent
    (folder / "deeper.py").write_text('# HYPERPARAM\nx = HYPERPARAM{"type": "INT"}\n')
    (folder / "helpers.py").write_text("import deeper\nimport no_such_b\n")
    with pytest.raises(UserError) as caught:
        check(Template.from_file(experiment.template))
    first, second, third = str(caught.value).splitlines()
    assert first.startswith(f"{experiment.template}:4: no module named 'no_such_a' in ")
    assert second.startswith(f"{folder}/helpers.py:2: no module named 'no_such_b' in ")
    assert third == (
        f"{folder}/deeper.py:2: got HYPERPARAM in a module; expected it only in network_def.py: "
        "give the value to the module as an argument"
    )


def test_modules_are_kept_and_compared(experiment):
    template = Template.from_file(experiment.template)
    check(template)
    kept = texts(template)
    assert kept == {"helpers.py": "import deeper\n", "deeper.py": "x = 1\n"}
    assert changes(experiment, template) == []  # nothing was kept by an older version
    experiment.save_template(template, kept)
    assert experiment.load_template().text == template.text
    assert changes(experiment, template) == []
    folder = experiment.template.parent
    (folder / "deeper.py").write_text("x = 2\n")
    assert changes(experiment, template) == [
        f"note: {folder}/deeper.py has changed since the run began; earlier results are kept"
    ]
    (folder / "helpers.py").write_text("")
    assert [note.split(" since")[0] for note in changes(experiment, template)] == [
        f"note: {folder}/deeper.py was removed",
        f"note: {folder}/helpers.py has changed",
    ]

"""Notes about a template: their lines and their order."""

from __future__ import annotations

from hwsearch.launch.template_notes import notes
from hwsearch.template import Template

TEXT = """\
kind = HYPERPARAM{
    "type": "ENUM", "token": "kind", "options": ["adam", "adadelta"]}
rows = HYPERPARAM{"type": "ENUM", "token": "rows", "options": ["2", "17"]}
rate = keras.optimizers.SGD(lr=HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.1, "max": 1})
"""


def test_they_are_in_the_order_of_the_lines_that_they_name() -> None:
    found = notes(Template.parse(TEXT, "net.py"))
    places = [note.split(": ")[1] for note in found]
    assert places == ["net.py:1", "net.py:3", "net.py:4"]
    assert all(note.startswith("note: ") for note in found)
    assert "Adadelta" in found[0]
    assert "learning_rate" in found[2]


def test_a_template_without_old_spellings_has_none() -> None:
    assert notes(Template.parse(TEXT.splitlines()[-1].replace("lr=", "learning_rate="))) == []

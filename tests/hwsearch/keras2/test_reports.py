"""Notes about old spellings, with the place in the script that uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hwsearch.keras2 import reports

#: A function of Keras, and one of this package, which report something.
LIBRARY = "def call(text):\n    report(text)\n    return script_text()\n"
SCRIPT = """
for _ in range(3):
    keras("old")
keras("old"); ours("another")
text = ours("old")
"""


def run(text: str, path: Path | str, **names: Any) -> dict[str, Any]:
    exec(compile(text, str(path), "exec"), names)
    return names


def test_each_place_in_the_script_is_reported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    used = {"report": reports.report, "script_text": reports.script_text}
    keras = run(LIBRARY, "/usr/lib/keras/src/models/model.py", **used)["call"]
    ours = run(LIBRARY, Path(reports.__file__).with_name("models.py"), **used)["call"]
    script = tmp_path / "net.py"
    script.write_text(SCRIPT, encoding="utf-8")
    found = run(SCRIPT, script, keras=keras, ours=ours)
    assert capsys.readouterr().err.splitlines() == [
        "net.py:3: old",
        "net.py:4: old",
        "net.py:4: another",
        "net.py:5: old",
    ]
    assert found["text"] == SCRIPT


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), ("adam", "'adam'"), (None, "None"), ([1], "list"), (Path, "type")],
)
def test_only_short_values_are_spelled_out(value: Any, text: str) -> None:
    assert reports.spelled(value) == text


def test_names_in_another_module() -> None:
    core = reports.moved("keras.layers.core", "keras.layers", "Dense")
    assert (
        core == "keras.layers.core does not exist in Keras 3; write: from keras.layers import Dense"
    )
    legacy = reports.moved("keras.optimizers.legacy", "keras.optimizers", "SGD")
    assert legacy.endswith(" is Keras 2's; in Keras 3: from keras.optimizers import SGD")

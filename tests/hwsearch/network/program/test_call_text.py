"""What a script wrote as the arguments of `fit`."""

from __future__ import annotations

import pytest

from hwsearch.network.program.call_text import argument_texts, named

PARAMETERS = ["x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split"]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("m.fit(images, labels)", {"x": "images", "y": "labels"}),
        ("m.fit(x=a.b, y=c[0], epochs=3)", {"x": "a.b", "y": "c[0]"}),
        ("m.fit(\n    images,\n    y=labels,\n)", {"x": "images", "y": "labels"}),
        ("m.fit(*data, y=labels)", {"y": "labels"}),
        ("m.fit(**options)", {}),
        ("m.fit_generator(generator=flow)", {"x": "flow"}),
        (
            "m.fit(x, validation_data=(v, w))",
            {"x": "x", "validation_data[0]": "v", "validation_data[1]": "w"},
        ),
        ("m.fit(x, validation_data=val)", {"x": "x", "validation_data": "val"}),
        ("m.fit(concatenate([first_long_name, second_long_name]), y)", {"y": "y"}),
        ("a.fit(x); b.fit(y)", {}),
        ("train()", {}),
    ],
)
def test_arguments_are_found(call, found, tmp_path):
    script = tmp_path / "net.py"
    script.write_text(f"before = 1\n{call}\n")
    assert argument_texts(str(script), 2, PARAMETERS) == found


def test_files_that_cannot_be_read_say_nothing(tmp_path):
    (tmp_path / "bad.py").write_text("m.fit(")
    for name in ("bad.py", "none.py"):
        assert argument_texts(str(tmp_path / name), 1, PARAMETERS) == {}


def test_names_for_messages():
    assert named({"y": "labels"}, "y") == "labels (y of fit)"
    assert named({"y": "y"}, "y") == named({}, "y") == "y of fit"

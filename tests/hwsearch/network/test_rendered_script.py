from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.network import rendered_script
from hwsearch.network.rendered_script import NetworkError


def made(text: str, home: Path, seed: int = 5) -> str:
    return rendered_script.standalone(text, home=home, seed=seed, title="job 1 of a run")


@pytest.mark.parametrize(
    "head",
    [
        "",
        "#!/usr/bin/env python\n",
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n",
        '"""Doc."""\n',
        '"""Doc\n\nstring."""\nfrom __future__ import annotations\n',
        '# note\n"""Doc."""\n\nfrom __future__ import annotations, division\n',
        '"""Doc."""; from __future__ import annotations',
    ],
)
def test_what_must_come_first_stays_first(head, tmp_path, monkeypatch):
    # The script goes to its own folder.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = made(f"{head}\nx = __doc__\n", tmp_path / "gone.py")
    ast.parse(text)
    names: dict[str, object] = {"__doc__": None}
    exec(compile(text, "made", "exec", dont_inherit=True), names)
    assert names["x"] == (
        "Doc\n\nstring." if "string" in head else "Doc." if "Doc" in head else None
    )
    assert text.startswith(head)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_templates_text_is_kept(newline, tmp_path):
    text = newline.join(['"""Doc."""', "a = 1", "b = '''x", "\x0cy'''", ""])
    result = made(text, tmp_path)
    assert result.startswith('"""Doc."""' + newline)
    assert result.endswith(newline.join(["", "a = 1", "b = '''x", "\x0cy'''", ""]).lstrip(newline))


def test_a_script_finds_what_lies_beside_its_template(tmp_path):
    home = tmp_path / "it's é" / "keras_model" / "network_def.py"
    home.parent.mkdir(parents=True)
    (home.parent / "beside_e7.py").write_text("value = 3")
    (home.parent / "data.txt").write_text("4")
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(
        made(
            "import beside_e7, pathlib, random\na = beside_e7.value\n"
            "b = pathlib.Path(__file__).with_name('data.txt').read_text()\n"
            "c = pathlib.Path('data.txt').read_text()\nd = random.random()\n",
            home,
        )
    )
    before = Path.cwd()
    names = rendered_script.run(path)
    assert (names["a"], names["b"], names["c"]) == (3, "4", "4")
    assert Path.cwd() == before
    assert rendered_script.run(path)["d"] == names["d"]
    assert sys.modules["__main__"].__dict__ is not names


def test_it_runs_by_itself(tmp_path):
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(
        made(
            "from keras.optimizers import SGD\nprint(type(SGD(lr=0.1)).__name__)", tmp_path / "n.py"
        )
    )
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout == "SGD\n"
    assert "SGD(learning_rate=0.1)" in done.stderr


def test_the_line_of_the_template_is_named(tmp_path):
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(made('"""Doc."""\nx = 1\n1 / 0\n', tmp_path / "n.py"))
    with pytest.raises(NetworkError, match="ZeroDivisionError: division by zero") as caught:
        rendered_script.run(path)
    place = str(caught.value).split(": ")[0]
    assert place.startswith("00000001_keras_net.py:")
    assert rendered_script.rendered_line(path, int(place.rpartition(":")[2])) == 3
    assert rendered_script.rendered_line(path, 1) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('a\\nb   c')", ":1: ValueError: a b c"),
        ("raise ValueError", ":1: ValueError"),
        ("import sys\nsys.exit('no data')", ":2: the script stopped: exit no data"),
        (
            "def f():\n    return g()\ndef g():\n    import no_such_e7\nf()",
            ":4: ModuleNotFoundError",
        ),
        ("x = (", ":1: SyntaxError"),
        ("raise RuntimeError('x' * 9000)", "x ..."),
        ("import keras\nkeras.layers.Dense(3, init='uniform')", "on Keras 3: kernel_initializer="),
    ],
)
def test_a_script_that_raises(text, said, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(text)
    with pytest.raises(NetworkError) as caught:
        rendered_script.run(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    assert caught.value.user_message


def test_what_libraries_add_to_a_message_is_left_out():
    keras = ValueError("\x1b[1mWrong shape\x1b[0m\n\nArguments received by Dense.call():\n  • a=1")
    assert rendered_script.explained(keras) == "ValueError: Wrong shape"
    tensorflow = RuntimeError(
        "Graph execution error:\n\nDetected at node dense/Relu defined at (most recent call "
        'last):\n  File "a.py", line 1, in <module>\n\n  File "b.py", line 2, in f\n\n'
        "Matrix size-incompatible: In[0]: [32,3]\n\t [[{{node dense/Relu}}]] [Op:__inference_8]"
    )
    assert rendered_script.explained(tensorflow) == (
        "RuntimeError: Graph execution error: Matrix size-incompatible: In[0]: [32,3]"
    )
    assert rendered_script.explained(ValueError("a\x00b\x07")) == "ValueError: a b"


def test_a_script_that_closes_its_output_does_not_silence_what_follows(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("import sys\nsys.stdout.close()\n")
    code = (
        f"from pathlib import Path\nfrom hwsearch.network import rendered_script\n"
        f"rendered_script.run(Path({str(path)!r}))\n"
        "print('still here')"
    )
    # As a job's output is: the stream may be closed, the file stays.
    stream = "import os, sys\nsys.stdout = os.fdopen(1, 'w', closefd=False)\n"
    done = subprocess.run(
        [sys.executable, "-c", stream + code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "still here\n", done.stderr


def test_output_and_guards_are_those_of_a_program(tmp_path, capsys):
    path = tmp_path / "net.py"
    path.write_text(
        "import sys\nprint('hello', sys.argv, __file__)\nmain = __name__ == '__main__'\n"
    )
    assert rendered_script.run(path)["main"]
    assert capsys.readouterr().out == f"hello {[str(path)]} {path}\n"


def test_an_encoding_cookie_counts(tmp_path):
    path = tmp_path / "net.py"
    text = rendered_script.standalone(
        "# coding: latin-1\nx = 'é'\n", home=Path("/é/n.py"), seed=1, title="é"
    )
    path.write_bytes(text.encode("latin-1"))
    assert rendered_script.run(path)["x"] == "é"


def test_a_file_that_cannot_be_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = tmp_path / "net.py"
    path.write_text(
        "import keras\n"
        "keras.utils.get_file('a.bin', 'http://127.0.0.1:1/files/a.bin', cache_dir='.')\n"
    )
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(NetworkError) as caught:
        rendered_script.run(path)
    said = str(caught.value)
    assert "net.py:2: a.bin could not be fetched from http://127.0.0.1:1/files/a.bin (" in said
    assert "refused" in said
    assert said.endswith("put it at ./datasets/a.bin")
    assert "\n" not in said

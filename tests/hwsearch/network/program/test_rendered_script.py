from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.program import rendered_script
from hwsearch.template import Template


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


def test_a_script_finds_the_files_in_the_folder_of_its_template(tmp_path):
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


def test_it_runs_on_its_own(tmp_path):
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


def test_lines_of_the_template_are_found_again(tmp_path):
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(made('"""Doc."""\nx = 1\n1 / 0\n', tmp_path / "n.py"))
    with pytest.raises(NetworkError, match="ZeroDivisionError: division by zero") as caught:
        rendered_script.run(path)
    place = str(caught.value).split(": ")[0]
    assert place.startswith("00000001_keras_net.py:")
    assert rendered_script.rendered_line(path, int(place.rpartition(":")[2])) == 3
    assert rendered_script.rendered_line(path, 1) == 1


def test_errors_name_the_line_of_the_template(tmp_path):
    hyperparameter = 'HYPERPARAM{"type": "INT",\n"token": "a",\n"min": 1, "max": 2}'
    template = Template.parse(f'"""Doc."""\nx = {hyperparameter}\n1 / 0\n')
    path = tmp_path / "00000001_keras_net.py"
    path.write_text(made(template.render({"a": 1}), tmp_path / "n.py"))
    with pytest.raises(NetworkError) as caught:
        rendered_script.run(path)
    text = rendered_script.in_template(caught.value, path, template)
    assert text == "keras_model/network_def.py:5: ZeroDivisionError: division by zero"
    whole = NetworkError("00000001_keras_net.py: no model")
    named = rendered_script.in_template(whole, path, template)
    assert named == "keras_model/network_def.py: no model"
    last = path.read_text().count("\n")
    both = NetworkError(
        f"00000001_keras_net.py:{last}: not as {path.name}:{last} in x/{path.name}:3"
    )
    named = rendered_script.in_template(both, path, template)
    assert named == (
        "keras_model/network_def.py:5: not as keras_model/network_def.py:5 in "
        "x/00000001_keras_net.py:3"
    )
    other = NetworkError("elsewhere.py:3: wrong")
    assert rendered_script.in_template(other, path, template) == "elsewhere.py:3: wrong"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('a\\nb   c')", ":1: ValueError: a b c"),
        ("raise ValueError", ":1: ValueError"),
        (
            "def f():\n    return g()\ndef g():\n    import no_such_e7\nf()",
            ":4: ModuleNotFoundError",
        ),
        ("x = (", ":1: SyntaxError"),
        ("raise RuntimeError('x' * 9000)", "x ..."),
        ("import keras\nkeras.layers.Dense(3, init='uniform')", "in Keras 3: kernel_initializer="),
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


def test_output_is_opened_again_if_a_script_closes_it(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("import sys\nsys.stdout.close()\n")
    code = (
        f"from pathlib import Path\nfrom hwsearch.network.program import rendered_script\n"
        f"rendered_script.run(Path({str(path)!r}))\n"
        "print('still here')"
    )
    # As in a job: the script may close the stream, but the file stays open.
    stream = "import os, sys\nsys.stdout = os.fdopen(1, 'w', closefd=False)\n"
    done = subprocess.run(
        [sys.executable, "-c", stream + code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "still here\n", done.stderr


def test_a_script_runs_as_the_main_program(tmp_path, capsys):
    path = tmp_path / "net.py"
    path.write_text(
        "import sys\nprint('hello', sys.argv, __file__)\nmain = __name__ == '__main__'\n"
    )
    assert rendered_script.run(path)["main"]
    assert capsys.readouterr().out == f"hello {[str(path)]} {path}\n"


def test_an_encoding_cookie_is_obeyed(tmp_path):
    path = tmp_path / "net.py"
    text = rendered_script.standalone(
        "# coding: latin-1\nx = 'é'\n", home=Path("/é/n.py"), seed=1, title="é"
    )
    path.write_bytes(text.encode("latin-1"))
    assert rendered_script.run(path)["x"] == "é"


def test_another_seed_changes_the_seed_alone(tmp_path):
    text = "_keras.utils.set_random_seed(5)\n_keras = 1  # \u00e9\n"
    before = rendered_script.standalone(text, home=tmp_path / "x.py", seed=1, title="job 1")
    after = rendered_script.standalone(text, home=tmp_path / "x.py", seed=23, title="job 1")
    assert rendered_script.reseeded(before.encode("latin-1"), 23) == after.encode("latin-1")
    with pytest.raises(NetworkError, match="the script does not set its seed"):
        rendered_script.reseeded(text.encode(), 23)

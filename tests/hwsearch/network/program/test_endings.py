"""Scripts that end themselves, or want arguments or an answer."""

from __future__ import annotations

import sys

import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.program import rendered_script

ARGPARSE = "from argparse import ArgumentParser as P\np = P()\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys\nsys.exit('no data')", ":2: the script ends itself by sys.exit('no data')"),
        ("raise SystemExit", ":1: the script ends itself by sys.exit() before it calls model.fit"),
        ("import sys\nsys.exit(0)", ":2: the script ends itself by sys.exit(0) before it"),
        ("quit()", ":1: the script ends itself by sys.exit() before it calls model.fit"),
        ("import sys\nsys.exit(3)", ":2: the script ends itself by sys.exit(3)"),
        (
            "import sys\nif len(sys.argv) < 2:\n    sys.exit(1)",
            ":3: the script ends itself by sys.exit(1); the script is run without arguments: "
            "expected the values that sys.argv gives in the script",
        ),
        (
            "import sys\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    sys.exit(1)",
            ":5: the script ends itself by sys.exit(1) after ZeroDivisionError: division by zero",
        ),
        (
            ARGPARSE + "p.add_argument('--data', required=True)\np.parse_args()",
            ":4: argparse: the following arguments are required: --data; the script is run without "
            "arguments: give each a default=, and none required=True",
        ),
        (
            ARGPARSE + "p.add_argument('data')\np.parse_args()",
            "argparse: the following arguments are required: data; the script is run without "
            "arguments",
        ),
        (
            "import sys\nn = int(sys.argv[1])",
            ":2: IndexError: list index out of range; the script is run without arguments, so that",
        ),
        (
            "import sys\n_, n = sys.argv",
            ":2: ValueError: not enough values to unpack (expected 2, got 1); the script is run "
            "without arguments",
        ),
        ("n = input('n? ')", ":1: EOFError: the script asks for input, but nobody answers while"),
        (
            "import sys\nfor line in sys.stdin:\n    pass",
            ":2: EOFError: the script asks for input",
        ),
        ("import sys\nsys.stdin.read()", ":2: EOFError: the script asks for input"),
        ("[][3]", ":1: IndexError: list index out of range"),
    ],
)
def test_what_is_wrong_is_one_line(text, said, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(text)
    with pytest.raises(NetworkError) as caught:
        rendered_script.run(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert ("without arguments" in said) == ("without arguments" in str(caught.value))


def test_a_script_may_end_itself_when_its_work_is_done(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        ARGPARSE
        + "p.add_argument('--epochs', type=int, default=3)\n"
        + "def main():\n    global model, x_train\n"
        + "    model = x_train = p.parse_args().epochs\n    return 0\n"
        + "if __name__ == '__main__':\n    import sys\n    sys.exit(main())\n"
    )
    before = sys.stdin
    assert rendered_script.run(path)["model"] == 3
    assert sys.stdin is before

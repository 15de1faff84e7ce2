"""Python 2 in a template: all of it at once."""

from __future__ import annotations

import pytest

from hwsearch.template import Template
from hwsearch.template.python2 import faults, remedy
from hwsearch.template.template import TemplateError

UNITS = 'units = HYPERPARAM{"type": "INT", "token": "units",\n  "min": 3, "max": 5}\n'
SCRIPT = f"""import cPickle as pickle
{UNITS}print "one", units
if units: print "x" % (
   units)
for i in xrange(3):
    print >>log, i,
try:
    pass
except ValueError, e:
    raise KeyError, "no"
half = units / 2
model.add(Dense(half))
exec "x = 1"
def unused(d):
    return d.iteritems(), 0777, 10L, a <> b, `d`
"""


def test_all_of_it_is_reported_with_the_templates_lines():
    with pytest.raises(TemplateError) as caught:
        Template.parse(SCRIPT)
    said = caught.value.faults
    assert all("Python 2" in line for line in said)
    got = [(int(line.split(":")[1]), line.split(": ", 1)[1]) for line in said]
    assert [line for line, _ in got] == [1, 4, 5, 7, 8, 11, 12, 13, 15, 17, 17, 17, 17, 17]
    expected = {
        1: "got cPickle, which is from Python 2; expected Python 3, such as: pickle",
        4: 'got a print statement of Python 2; expected Python 3, such as: print("one", units)',
        11: "got an except clause of Python 2; expected Python 3, such as: except ValueError as e:",
        12: 'got a raise statement of Python 2; expected Python 3, such as: raise KeyError("no")',
        13: "got units / 2 as a count: a whole number in Python 2, a real one in Python 3; "
        "expected units // 2",
        15: 'got an exec statement of Python 2; expected Python 3, such as: exec("x = 1")',
    }
    assert {line: text for line, text in got if line in expected} == expected
    assert any("print >>" in text for line, text in got if line == 8)


def test_another_mistake_is_reported_too():
    assert faults('print "a"\nx = (1\n')[-1][1].startswith("got invalid Python: '(' was never")


@pytest.mark.parametrize(
    "text",
    [
        "x = (1\n",
        'print("a")\nprint("%s" % 3)\nprint\n',
        "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\n",
        "try:\n    xrange\nexcept NameError:\n    xrange = range\nfor i in xrange(3): pass\n",
        "import sys\nif sys.version_info[0] < 3:\n    text = unicode(3)\n",
        "from six.moves import xrange\nxrange(3)\n",
        "from past.builtins import *\nxrange(3)\n",
        "def never():\n    return xrange(3)\n",
        "Dense(units // 2)\nrate = 1 / 2\nDropout(units / 2)\nConv2D(units / 2, 3)\n",
        "frame.iteritems()\n",
        "print_ = 'print \"a\"'\n",
    ],
)
def test_python_3_and_scripts_for_both(text):
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for i in xrange(3): pass\n", 1),
        ("import cPickle\n", 1),
        ("x = unicode(3)\n", 1),
        ("def load():\n    return xrange(3)\nload()\n", 2),
        ("if __name__ == '__main__':\n    xrange(3)\n", 2),
        ("x = 3\nDense(x / 2, activation='relu')\n", 2),
        ("x = 3\nLSTM(units=x / 2)\n", 2),
        ("if a:\n\tx = 1\n        y = 2\n", 3),
        ("x = ur'a'\n", 1),
    ],
)
def test_one_use_is_enough(text, line):
    [(number, said)] = faults(text)
    assert number == line
    assert "Python 2" in said


def test_a_module_beside_the_template_is_no_fault(tmp_path):
    (tmp_path / "commands.py").write_text("")
    assert faults("import commands\n", str(tmp_path)) == []
    assert faults("import commands\n") != []


def test_pythons_own_line_numbers_are_the_templates():
    with pytest.raises(TemplateError, match=r":4: .* after 'for' statement on line 3$"):
        Template.parse(f"{UNITS}for i in range(3):\nx = 1\n")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("xrange(3)", "xrange is from Python 2; in Python 3: range"),
        ("{}.has_key(1)", "has_key is from Python 2"),
        ("range(4 / 2)", "write // where"),
        ("[1][: 4 / 2]", "write // where"),
        ("import cPickle", "in Python 3: pickle"),
        ("[].x", ""),
    ],
)
def test_remedies(code, hint):
    with pytest.raises((NameError, AttributeError, TypeError, ImportError)) as caught:
        exec(code)
    assert hint in remedy(str(caught.value))
    assert bool(hint) == bool(remedy(str(caught.value)))


@pytest.mark.parametrize(
    "message",
    [
        "Received an invalid value for `units`, expected a positive integer. Received: units=8.0",
        "The `kernel_size` argument must be a tuple of 2 integers. Received kernel_size=3.0",
        "Cannot convert '(4, 32.0)' to a shape. Found invalid dimension '32.0' of type",
        "expected a sequence of integers or a single integer, got '2.0'",
    ],
)
def test_messages_of_keras_and_numpy(message):
    assert "write //" in remedy(message)

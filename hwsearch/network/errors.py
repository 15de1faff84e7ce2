"""What is wrong with a user's script or network, on one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from hwsearch import keras2
from hwsearch.errors import UserError
from hwsearch.network.program.imports import install_remedy
from hwsearch.printing import CUT, shortened
from hwsearch.template import python2

LONGEST_MESSAGE = 400
#: Characters at both ends of a shortened message that no number in it moves over the cut.
_NEAR_ENDS = 150

#: What Keras and TensorFlow say -> what to do about it.
_REMEDIES = {
    r"Invalid dtype: (str|object)": "Keras takes text as a tensor: tf.constant(array)",
    r"type float\S* that does not match type u?int|expected to be a u?int\S* tensor": "if labels "
    "are whole numbers, losses and metrics get them as such: .astype('float32')",
    r"KerasTensor cannot be used as input to a TensorFlow function": "between layers, keras.ops "
    "works instead (keras.ops.exp for tf.exp and K.exp), and everything works in the call of a "
    "layer; a loss of such tensors goes into a layer's add_loss",
    r"optimizer can only be called for the variables": "each model needs an optimizer of its own",
    r"No loss to compute": "a class with its own train_step needs its own test_step(self, data) "
    'too, which returns {"loss": ...}, or the script a function evaluate(model)',
}


#: What Keras says before the cause of an error in a layer, once for each layer around it.
_AROUND = (
    r"^(?:Exception encountered when calling ([^\n]+?)\(?\)?\.?|Could not automatically infer "
    r"the output shape [^\n]*\(of type (\w+)\)[^\n]*Error encountered:)\s*\n\s*(?=\S)"
)


class ScriptStoppedError(BaseException):
    """Ends a script at a call of `fit`; `except Exception` in the script does not catch it."""


class StepTakenError(BaseException):
    """Ends a training after its first step, when only its errors are looked for.

    Attributes:
        logs: What Keras reports of the step.
    """

    def __init__(self, logs: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.logs = dict(logs or {})


class NetworkError(UserError):
    """A script or network that cannot be used: one line that states what is wrong with it.

    Attributes:
        user_message: Part of what an objective and Spearmint agree on: if it is true, the text is
            complete for the user, and Spearmint stores and prints it without a traceback.
    """

    user_message: ClassVar[bool] = True


def explained(error: BaseException) -> str:
    """An exception on one line, with its remedy if that is known."""
    download = _failed_download(error)
    if download:
        return download
    text = shortened(" ".join(_cleaned(str(error)).split()), LONGEST_MESSAGE)
    text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    remedy = _remedy(error)
    return re.sub(r"(?<!\.)\.$", "", text) + f"; {remedy}" if remedy else text


def _remedy(error: BaseException) -> str:
    """What to do about an exception; "" if that is unknown."""
    message = str(error)
    if isinstance(error, NameError) and error.name == "get_ipython":
        return "get_ipython is known in notebooks only: remove the line"
    if "TensorBoard is not installed" in message:
        return install_remedy("tensorboard")
    for pattern, remedy in _REMEDIES.items():
        if re.search(pattern, message):
            return remedy
    known = keras2.remedy(message) or python2.remedy(message)
    if not known and isinstance(error, ModuleNotFoundError) and error.name:
        return install_remedy(error.name)
    return known


def script_line(error: BaseException, path: Path) -> int | None:
    """The script's innermost line in an error's traceback; None if it is not in there."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    step = error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == str(path):
            line = step.tb_lineno
        step = step.tb_next
    return line


def without_numbering(reason: str) -> str:
    """A reason without the numbers that Keras gives to layers: "dense_3" is "dense" too.

    What is next to the cut of a long reason is left out as well: the cut moves with the numbers.
    """
    start, cut, end = re.sub(r"(?<=[a-z])_\d+\b", "", reason).partition(CUT)
    return start[:_NEAR_ENDS] + cut + end[-_NEAR_ENDS:] if cut else start


def kind(value: object) -> str:
    """The class of a value with its article, for messages: "an int", "a numpy.ndarray"."""
    if value is None:
        return "None"
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if name.startswith("tensorflow.python.data."):  # whose classes have no public names
        name = "tf.data.Dataset"
    name = name.removeprefix("builtins.").removeprefix("__main__.")
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _cleaned(message: str) -> str:
    """A message without colours and without what libraries add to its cause.

    TensorFlow puts the stack of the whole program before the cause; Keras adds all arguments of the
    call after it, and writes a sentence before it for each layer around it.
    """
    message = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", message)
    message = re.sub(r"\n\s*Arguments received by [\s\S]*", "", message)
    layer = ""
    while around := re.match(_AROUND, message):
        layer = around[1] or layer or f"{around[2]}.call"
        message = message[around.end() :]
    if layer:
        message = f"in {layer}: {message}"
    if message.startswith("Graph execution error"):
        message = re.sub(
            r"(?m)^\s*(File \".*|Detected at node .*|Stack trace for op .*)$", "", message
        )
        message = re.sub(r"\s*\[\[\{\{node [\s\S]*", "", message)
    return "".join(sign if sign.isprintable() else " " for sign in message)


def _failed_download(error: BaseException) -> str:
    """What to do about a file that `keras.utils.get_file` could not fetch; "" for other errors.

    Only the local variables of that function hold the path where the file belongs.
    """
    step = error.__traceback__
    while step:
        names = step.tb_frame.f_locals
        in_get_file = step.tb_frame.f_code.co_name == "get_file"
        if in_get_file and {"download_target", "origin"} <= names.keys():
            origin, target = names["origin"], names["download_target"]
            cause = re.sub(r"^URL fetch failure on \S+: (None -- )?", "", str(error))
            cause = re.sub(r"^<?urlopen error |>$", "", " ".join(cause.split()))
            return (
                f"{origin.rpartition('/')[2]} could not be downloaded from {origin} "
                f"({cause or type(error).__name__}); download it yourself and put it at {target}"
            )
        step = step.tb_next
    return ""

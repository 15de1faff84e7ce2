from __future__ import annotations

import pytest

from spearmint.schedulers.ray.arguments import InvalidArgumentsError, parsed
from spearmint.schedulers.ray.settings import Settings


def test_without_arguments_the_cluster_is_the_runs_own() -> None:
    assert parsed([], "n") == Settings(namespace="n")


def test_all_arguments() -> None:
    words = [
        "--address=ray://head:10001", "--python", "/env/bin/python", "--num_cpus=4",
        "--num-gpus", "0.5", "--memory=8GiB", "--resources", '{"fast_disk": 1}',
    ]  # fmt: skip
    assert parsed(words, "n") == Settings(
        "ray://head:10001", "/env/bin/python", 4.0, 0.5, 8 * 2**30, {"fast_disk": 1.0}, "n"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--address=head"], "got 'head'; expected auto, HOST:PORT or ray://HOST:PORT"),
        (["--address=http://head:1"], "got 'http://head:1'; expected auto, HOST:PORT or ray:"),
        (["--num-cpus=-1"], "got '-1'; expected a whole number, or a fraction below 1"),
        (["--num-gpus=1.5"], "got '1.5'; expected a whole number, or a fraction below 1"),
        (["--num-gpus=nan"], "got 'nan'; expected a whole number, or a fraction below 1"),
        (["--memory=lots"], "got 'lots'; expected a size such as 8GiB"),
        (["--memory=0"], "got '0'; expected a size such as 8GiB"),
        (["--resources=fast"], "got 'fast'; expected an object with an amount of each resource"),
        (['--resources={"a": true}'], "expected an object with an amount of each resource"),
        (['--resources={"a": -1}'], "expected an object with an amount of each resource"),
        (["--partition=gpu"], "unrecognized arguments: --partition=gpu"),
        (["--num-gpu=1"], "unrecognized arguments: --num-gpu=1"),
        (["--python"], "expected one argument"),
    ],
)
def test_arguments_that_cannot_be_understood(words: list[str], expected: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        parsed(words, "n")
    assert expected in str(caught.value)

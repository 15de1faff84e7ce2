"""Which packages are named as those that a script was run with."""

from __future__ import annotations

from importlib.metadata import packages_distributions, version

from hwsearch.network.requirements import of_versions, requirements


def test_packages_are_named_as_they_are_installed() -> None:
    script = "import os, sklearn.datasets\nfrom parts import norm\nimport nowhere\n"
    modules = {"parts/norm.py": "def f():\n    import scipy\n", "other.py": "not Python"}
    tensorflow = packages_distributions()["tensorflow"][0]  # tensorflow-cpu, perhaps
    assert requirements(script, modules, {"backend": "tensorflow"}) == tuple(
        f"{name}=={version(name).partition('+')[0]}"
        for name in ("keras", "numpy", "scikit-learn", "scipy", tensorflow)
    )


def test_a_script_that_is_not_python_has_the_packages_of_every_network() -> None:
    found = requirements("not Python", {}, {})
    assert [line.partition("==")[0] for line in found] == ["keras", "numpy"]


def test_a_label_of_a_build_is_left_out() -> None:
    versions = {"python": "3.12", "backend": "torch", "keras": "3.13.2", "torch": "2.8.0+cpu"}
    assert of_versions(versions) == ("keras==3.13.2", "torch==2.8.0")
    assert of_versions({}) == ()

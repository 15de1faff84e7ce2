"""Attributes that are others for a while."""

from __future__ import annotations

import types

import pytest

from hwsearch.network.replaced import replaced


class Parent:
    value = 1


class Child(Parent):
    pass


def test_an_attribute_is_as_before_also_if_it_was_inherited():
    with replaced(Child, "value", 2), replaced(Parent, "value", 3):
        assert (Child.value, Parent.value) == (2, 3)
    assert (Child.value, Parent.value) == (1, 1)
    assert "value" not in vars(Child)


def test_an_exception_changes_nothing_about_that():
    module = types.SimpleNamespace()
    module.value = 1
    with pytest.raises(KeyError), replaced(module, "value", 2):
        raise KeyError
    assert module.value == 1

"""Factorisations and their fallbacks."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from spearmint.optimiser.models import linalg


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    monkeypatch.setattr(linalg, "_warned", set())


def test_cholesky_of_a_good_matrix_is_exact():
    matrix = np.array([[4.0, 2.0], [2.0, 3.0]])
    assert np.allclose(linalg.cholesky(matrix), np.linalg.cholesky(matrix), rtol=1e-15)


def test_cholesky_of_a_singular_matrix_is_close(caplog):
    rows = np.random.default_rng(0).random((30, 2))
    matrix = rows @ rows.T
    factor = linalg.cholesky(matrix)
    assert np.allclose(factor @ factor.T, matrix, atol=1e-6)
    assert not caplog.records


def test_an_indefinite_matrix_falls_back_with_one_warning(caplog):
    matrix = np.array([[1.0, 5.0], [5.0, 1.0]])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert np.array_equal(linalg.cholesky(matrix), np.eye(2))
    assert len(caplog.records) == 1
    assert np.isfinite(linalg.cholesky(np.full((2, 2), np.nan))).all()


def test_inverse_of_a_lower_triangle():
    factor = np.tril(np.random.default_rng(0).random((6, 6))) + np.eye(6)
    assert np.allclose(linalg.inverse_lower(factor) @ factor, np.eye(6))
    assert np.array_equal(np.triu(linalg.inverse_lower(factor), 1), np.zeros((6, 6)))


@pytest.mark.parametrize("n", [7, linalg.LARGE])
def test_products_with_lower_triangles(n):
    rng = np.random.default_rng(0)
    factors = np.tril(rng.standard_normal((2, n, n)))
    for count in (1, 3):
        rows = rng.standard_normal((2, count, n))
        assert np.allclose(linalg.times_lower(rows, factors), rows @ factors)
        by_transposes = linalg.times_lower(rows, factors, transposed=True)
        assert np.allclose(by_transposes, rows @ factors.transpose(0, 2, 1))

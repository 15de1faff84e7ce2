from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets import data
from hwsearch.network.errors import NetworkError

X, Y = np.arange(24.0).reshape(8, 3), np.arange(8)


@pytest.mark.parametrize(
    ("count", "size"),
    [(4, 1), (8, 2), (3999, 999), (4000, 1000), (9999, 1000), (20_000, 2000)],
)
def test_size_of_the_validation_set(count, size):
    kept, held_out = data.split(count, seed=0)
    assert (len(kept), len(held_out)) == (count - size, size)
    assert sorted([*kept, *held_out]) == list(range(count))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(held_out) > 0).all() or size == 1


@pytest.mark.parametrize(("share", "size"), [(0.25, 2), (0.01, 1), (0.99, 7)])
def test_a_share_that_is_asked_for(share, size):
    kept, held_out = data.split(8, 0, share)
    assert (len(kept), len(held_out)) == (8 - size, size)


@pytest.mark.parametrize(
    ("count", "share", "sizes"),
    [(200, None, (148, 52)), (200, 0.99, (4, 196)), (4, None, (3, 1)), (202, None, (152, 50))],
)
def test_a_batch_size_that_a_model_insists_on_divides_both_parts_if_it_divides_all(
    count, share, sizes
):
    kept, held_out = data.split(count, 0, share, batch=4)
    assert (len(kept), len(held_out)) == sizes
    assert sorted([*kept, *held_out]) == list(range(count))


def test_the_seed_determines_the_split():
    first, again, other = (data.split(8, seed)[1].tolist() for seed in (0, 0, 3))
    assert first == again != other


@pytest.mark.parametrize(
    ("images", "shapes"),
    [
        (X, [(3,)]),
        ([X, X[:, :2]], [(3,), (2,)]),
        ((X, X[:, :2]), [(3,), (2,)]),
        ({"a": X, "b": X[:, :2]}, [(3,), (2,)]),
    ],
)
def test_rows_keep_the_structure_of_the_images(images, shapes):
    assert data.row_shapes(images) == shapes
    assert data.length(images) == 8
    some = data.rows(images, slice(0, 2))
    assert type(some) is type(images)
    assert data.row_shapes(some) == shapes
    assert data.length(some) == 2


def test_text_is_an_array_like_any_other():
    for words in (np.array(["a", "b"]), np.array(["a", b"b"], object), ["a", "b"]):
        images, _ = data.read({"x_train": words, "y_train": [0, 1]}, "train", several_inputs=False)
        assert list(data.rows(images, slice(0, 1))) == ["a"]


def test_tables_and_sparse_matrices_give_rows():
    class Table:
        """Is read by position through iloc, as pandas' tables are; by label otherwise."""

        @property
        def iloc(self):
            return X

    which = np.array([1, 2])
    assert data.rows(Table(), which).tolist() == X[1:3].tolist()
    some = data.rows(scipy.sparse.coo_matrix(X), which)
    assert data.as_array(some).tolist() == X[1:3].tolist()


def test_a_table_of_numbers_and_of_yes_or_no_is_an_array_of_numbers():
    class Table:
        """Becomes an array as pandas' tables do: of objects, if its columns differ in type."""

        columns = ("age", "smokes")

        def __init__(self, *columns):
            self.parts = [np.asarray(column) for column in columns]
            self.dtypes = [part.dtype for part in self.parts]

        def __array__(self, dtype=None, copy=None):
            return np.array(list(zip(*map(list, self.parts), strict=True)), object)

    found = data.as_array(Table([30.5, 40.0], [True, False]))
    assert found.dtype == np.float32
    assert found.tolist() == [[30.5, 1.0], [40.0, 0.0]]
    assert data.as_array(Table([30.5, 40.0], ["yes", "no"])).dtype == object


def test_a_list_is_one_array_unless_the_model_has_several_inputs():
    names = {"x_val": [[1.0, 2.0]] * 8, "y_val": Y.tolist()}
    images, labels = data.read(names, "val", several_inputs=False)
    assert images.shape == (8, 2)
    assert labels.shape == (8,)
    images, _ = data.read({"x_val": [X, X], "y_val": Y}, "val", several_inputs=True)
    assert [array.shape for array in images] == [(8, 3), (8, 3)]


@pytest.mark.parametrize(
    ("x", "y", "fault"),
    [
        (X, Y[:-1], "x_train has 8 rows but y_train has 7; expected one label per image"),
        ([X, X[:4]], Y, "x_train has 8 and 4 rows but y_train has 8"),
        (X[:0], Y[:0], "x_train and y_train are empty"),
        ({}, Y, "x_train has no rows but y_train has 8"),
        (3, Y, "x_train: got an int; expected an array with one row per image"),
        ({"a": None}, Y, r"x_train\['a'\]: got None"),
        ([X, object()], Y, r"x_train\[1\]: got an object"),
        (X, [[1, 2], [3]], "y_train: cannot be converted to a NumPy array"),
    ],
)
def test_arrays_that_cannot_be_used(x, y, fault):
    with pytest.raises(NetworkError, match=fault):
        data.read({"x_train": x, "y_train": y}, "train", several_inputs=isinstance(x, list))


def test_streams_are_refused_arrays_are_not():
    for value in (None, X, [1, 2], {"a": X}):
        data.refuse_stream(value, "x_train")
    with pytest.raises(NetworkError, match=r"x_val: got a generator; .* y_val"):
        data.refuse_stream((row for row in X), "x_val")


def test_rows_of_text_stay_a_tensor_that_keras_takes():
    tf = pytest.importorskip("tensorflow")
    found = data.rows({"a": tf.constant([["x"], ["y"], ["z"]])}, np.array([0, 2]))["a"]
    assert (found.dtype, found.numpy().tolist()) == (tf.string, [[b"x"], [b"z"]])


@pytest.mark.parametrize("name", ["x_train", "y_train"])
def test_nan_is_refused(name: str) -> None:
    arrays = {"x_train": np.zeros((4, 2), np.float16), "y_train": np.zeros((4, 2))}
    data.read(arrays, "train", several_inputs=False)
    arrays[name][1:3, 0] = np.nan
    with pytest.raises(NetworkError) as caught:
        data.read(arrays, "train", several_inputs=False)
    assert str(caught.value) == (
        f"{name}: got NaN as 2 of 8 numbers, the first in row 1; expected finite numbers: "
        "replace or leave out what is missing"
    )


BAD = np.array([[1.0, 2.0], [np.inf, -np.inf], [0.0, np.inf]])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (BAD, "x: got infinity as 3 of 6 numbers, the first in row 1; expected finite numbers"),
        (-BAD, "x: got infinity as 3 of 6"),
        (BAD.tolist(), "x: got infinity as 3 of 6"),
        (scipy.sparse.csr_matrix(BAD), "x: got infinity as 3 of 6"),
        ({"a": X, "b": BAD}, "x['b']: got infinity"),
        ([X, {"b": (X, BAD)}], "x[1]['b'][1]: got infinity"),
        (np.float32("nan"), "x: got NaN as 1 of 1 numbers, the first in row 0"),
        (keras.ops.convert_to_tensor(BAD), "x: got infinity as 3 of 6"),
    ],
)
def test_numbers_that_are_not_finite(value, said):
    with pytest.raises(NetworkError) as caught:
        data.refuse_not_finite(value, "x")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_what_has_no_numbers_or_only_finite_ones_passes():
    for value in (None, X, Y, ["a", "b"], np.array(["a", None], object), {"a": [X, None]}, object(),
                  scipy.sparse.coo_matrix(X), [[1, 2], [3]], np.zeros((0, 2)), ()):  # fmt: skip
        data.refuse_not_finite(value, "x")

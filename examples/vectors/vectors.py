"""Vectors of each type; arrays as NumPy's, options as lists."""

import numpy as np


def main(job_id, params):
    assert isinstance(params["weights"], np.ndarray)
    assert params["weights"].shape == (3,)
    assert params["layers"].dtype.kind == "i"
    assert isinstance(params["kinds"], list)
    penalty = sum(kind != "b" for kind in params["kinds"]) + (params["flag"][0] is False)
    return np.sum((params["weights"] - 0.3) ** 2) + np.abs(params["layers"] - 2).sum() + penalty

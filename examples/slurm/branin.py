"""The Branin function (Dixon and Szegö 1978): one number, without noise."""

import numpy as np


def main(job_id, params):
    x, y = params["X"], params["Y"]
    print(f"job {job_id} at {x}, {y}")
    well = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
    return well**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10

"""Variables of one element, used as numbers; config.json names this file without `.py`."""

import math


def main(job_id, params):
    print("x = %f, n = %d" % (params["x"], params["n"]))  # noqa: UP031 - as old ones do
    terms = [math.sqrt(params["x"]) / (i + 1) for i in range(params["n"])]
    return float(sum(terms) - 2.0) ** 2 + 0.01 * int(params["n"])

"""A slope over a disk that cannot be evaluated in a corner: NaN, of all tasks or of one."""


def main(job_id, params):
    x, y = params["X"][0], params["Y"][0]
    if x > 0.6 and y > 0.6:
        return float("nan")
    if x > 0.6:
        return {"height": float("nan"), "inside": 0.81 - x * x - y * y, "lucky": True}
    return {"height": x + y, "inside": 0.81 - x * x - y * y, "lucky": x < 0.5}

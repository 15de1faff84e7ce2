"""The constraint of two tasks that have a file each: a number alone, for it computes one."""


def main(job_id, params):
    return params["x"][0] - 0.25

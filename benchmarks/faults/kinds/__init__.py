"""The kinds of faults: each module has one that can `strike` (see `trial.Fault`)."""

"""Random records and random JSON, for tests of what is kept as JSON."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from hwsearch.measurements import (
    Flag,
    Fold,
    Latency,
    Measurements,
    Outcome,
    ProfileRecord,
    Quantity,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.just(math.nan)
COUNTS = st.integers(0, 2**53)
WORDS = st.text(min_size=1)
OBJECTS = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans(), max_size=3)


def by_name(values):
    return st.dictionaries(st.text(), values, max_size=3)


def tuples(values):
    return st.lists(values, max_size=3).map(tuple)


QUANTITIES = st.builds(
    Quantity,
    value=NUMBERS,
    std_error=NUMBERS,
    std=NUMBERS,
    samples=COUNTS,
    unit=st.text(),
    source=st.text(),
)
PROFILES = st.builds(
    ProfileRecord,
    quantities=by_name(QUANTITIES),
    device=OBJECTS,
    meter_device=st.text(),
    latency=st.none() | st.builds(Latency, COUNTS, COUNTS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    idle_power=st.none() | QUANTITIES,
    other_powers=by_name(QUANTITIES),
    channels=OBJECTS,
    state_before=OBJECTS,
    state_after=OBJECTS,
    windows=tuples(st.tuples(NUMBERS, NUMBERS)),
    load_periods=COUNTS,
    seconds=NUMBERS,
    flags=tuples(st.builds(Flag, st.text(), st.text())),
)
MEASUREMENTS = st.builds(
    Measurements,
    outcome=st.none() | st.sampled_from(Outcome),
    script=st.text(),
    hyperparameters=OBJECTS,
    seed=st.none() | COUNTS,
    batch_size=st.none() | COUNTS,
    validation=st.text(),
    metrics=by_name(QUANTITIES),
    counts=OBJECTS,
    profile=st.none() | PROFILES,
    measured_again=st.booleans(),
    uncertain=tuples(WORDS),
    notes=tuples(WORDS),
    training_memory=st.none() | QUANTITIES,
    epochs=st.none() | COUNTS,
    history=by_name(tuples(NUMBERS)),
    folds=tuples(
        st.builds(
            Fold,
            COUNTS,
            COUNTS,
            st.none() | COUNTS,
            by_name(NUMBERS),
            by_name(tuples(NUMBERS)),
            NUMBERS,
        )
    ),
    best=st.none() | st.booleans(),
    test_error=NUMBERS,
    seconds=by_name(NUMBERS),
    versions=by_name(WORDS),
)

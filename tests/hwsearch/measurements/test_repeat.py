"""The record of one more training."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from hwsearch.measurements.repeat import Repeat
from tests.hwsearch.measurements.records import ANY_JSON, COUNTS, NUMBERS


@given(
    st.builds(
        Repeat,
        seed=COUNTS,
        epochs=COUNTS,
        kept_epoch=COUNTS,
        metrics=st.dictionaries(st.text(), NUMBERS, max_size=3),
        loss=NUMBERS,
        test_error=NUMBERS,
        seconds=NUMBERS,
        reason=st.text(),
        model=st.none() | st.text(min_size=1),
        weights=st.none() | st.text(min_size=1),
        loading=st.text(),
    )
)
def test_round_trip(repeat):
    text = json.dumps(repeat.to_json(), allow_nan=False)
    assert repr(Repeat.from_json(json.loads(text))) == repr(repeat)


@given(ANY_JSON)
def test_anything_else_is_none_or_a_record(document):
    found = Repeat.from_json(document)
    assert found is None or isinstance(found.seed, int)


def test_values_by_name():
    repeat = Repeat(1, metrics={"error": 2.0}, test_error=3.0)
    assert (repeat.value("error"), repeat.value("test error")) == (2.0, 3.0)
    assert math.isnan(repeat.value("val_mae"))

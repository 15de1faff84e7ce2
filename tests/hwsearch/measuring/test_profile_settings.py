"""How carefully to measure: values out of range are refused, all in one message."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from hwsearch.errors import UserError
from hwsearch.measuring.profile_settings import ProfileSettings


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"batch_size": 0}, "profile_batch_size: got 0; expected a whole number above 0"),
        ({"repeats": 0}, "profile_repeats: got 0; expected a whole number above 0"),
        ({"time_limit_s": 0.0}, "profile_time_limit_s: got 0.0; expected seconds above 0"),
        ({"time_limit_s": math.nan}, "profile_time_limit_s: got nan; expected seconds above 0"),
        ({"load_s": -1.0}, "profile_load_s: got -1.0; expected seconds above 0"),
        ({"target_error": 0.0}, "profile_target_error: got 0.0; expected a number between 0 and 1"),
        ({"target_error": 2.0}, "profile_target_error: got 2.0; expected a number between 0 and 1"),
        ({"meter": ""}, "profile_meter: got ''; expected the name of a meter"),
    ],
)
def test_values_out_of_range(settings: dict, fault: str) -> None:
    with pytest.raises(UserError) as caught:
        ProfileSettings(**settings)
    assert str(caught.value) == fault


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(UserError) as caught:
        ProfileSettings(batch_size=0, repeats=0)
    assert len(str(caught.value).splitlines()) == 2


def test_no_limits_are_valid() -> None:
    assert ProfileSettings(batch_size=None, time_limit_s=None).meter == "auto"


def test_they_load_nothing_heavy() -> None:
    code = "import sys, hwsearch.measuring.profile_settings; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_time_limit_is_longer_under_a_power_meter_unless_it_is_set() -> None:
    assert ProfileSettings().limit_s(with_power=True) == 10
    assert ProfileSettings().limit_s(with_power=False) == 3
    assert ProfileSettings(time_limit_s=7).limit_s(with_power=False) == 7

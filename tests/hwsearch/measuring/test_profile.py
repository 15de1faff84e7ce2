from __future__ import annotations

import json
import math

from hwsearch.measurements import Flag, Latency, ProfileRecord, Quantity
from hwsearch.measuring.profile import Profile
from hwsearch.measuring.windows import Window
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import Channel, DeviceState


def test_its_record_holds_everything_and_is_json_without_nan():
    profile = Profile(
        Device("gpu", "a GPU", "GPU-1"),
        quantities={"power": Quantity(50.0, math.nan, math.nan, 1, "W", "m: draw (integrated)")},
        latency=Latency(32, 100, 0.1, 0.2, 0.3, 0.4),
        idle_power=Quantity(20.0, unit="W"),
        other_powers={"average": Quantity(51.0, unit="W")},
        channels={"power": Channel("power", "draw", 0.1)},
        meter_device="a GPU, driver 1",
        state_before=DeviceState(temperature_c=40.0),
        state_after=DeviceState(temperature_c=50.0, throttle=("power cap",)),
        windows=[Window(1.0, 2.0)],
        load_periods=3,
        seconds=4.0,
        flags=[Flag("throttled", "after the load: power cap")],
    )
    document = json.loads(json.dumps(profile.record().to_json(), allow_nan=False))
    device = {"kind": "gpu", "name": "a GPU", "uuid": "GPU-1", "index": 0, "cpus": 0}
    assert document["device"] == device
    assert document["quantities"]["power"]["std_error"] is None
    assert document["channels"]["power"]["unit"] == "W"
    assert document["state_after"]["throttle"] == ["power cap"]
    assert document["windows"] == [[1.0, 2.0]]
    assert ProfileRecord.from_json(document).to_json() == document

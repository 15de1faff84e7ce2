from __future__ import annotations

from benchmarks.paper.predictions import replay, report


def test_a_replayed_search_uses_fewer_measurements_with_predictions() -> None:
    plain, predicted = replay(0.05, "off", 3), replay(0.05, "6 %", 3)
    assert plain["found"]
    assert predicted["found"]
    assert plain["checks"] == plain["measured"]
    assert predicted["measured"] < plain["measured"]
    assert predicted["structures"] <= predicted["measured"]
    text = report([plain, predicted])
    assert f"| 5 % | off | {plain['measured']:.1f} | {plain['structures']:.1f} |" in text
    assert "0 of 1 |" in text

from __future__ import annotations

import pytest
from rich.text import Text

from hwsearch.progress.colours import THEME, Words


@pytest.mark.parametrize(
    ("line", "coloured"),
    [
        ("job 7: error 2.8 %: best so far", {"job 7:": "head", "best so far": "good"}),
        (
            "job 8: runtime 12 of 9.6 µs/image: over the budget, not trained\n  units  9",
            {"job 8:": "head", "over the budget, not trained": "over"},
        ),
        ("job 9: broken: ValueError: best so far?", {"job 9:": "head", "broken": "bad"}),
        ("best: █▅ ▁ job 7: error 2.8 %", {"best:": "head", "█▅ ▁": "curve"}),
        ("job 9: measuring [####......]", {"job 9:": "head", "[####......]": "bar"}),
        ("job 9: measuring [#########!]", {"job 9:": "head", "[#########!]": "full"}),
        ("  job 9: a value of the script", {}),
    ],
)
def test_words_are_coloured(line: str, coloured: dict[str, str]) -> None:
    text = Words()(Text(line))
    found = {line[span.start : span.end]: str(span.style) for span in text.spans}
    assert found == {words: f"search.{name}" for words, name in coloured.items()}
    assert set(found.values()) <= THEME.styles.keys()

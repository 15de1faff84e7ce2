from __future__ import annotations

from pathlib import Path

from spearmint.schedulers.batch.tracked_job import Held, size_of


def test_last_words_are_those_of_this_batch_job(tmp_path: Path) -> None:
    output = tmp_path / "00000001.out"
    output.write_text("of an earlier one\n")
    held = Held(output, size_of(output), 0.0)
    assert held.last_words(".out") == ""
    with output.open("a") as file:
        file.write("x" * 5000 + "\nits  own\twords\n\n")
    assert held.last_words(".out") == "its own words"


def test_words_of_the_batch_system_come_first(tmp_path: Path) -> None:
    output = tmp_path / "00000001.out"
    output.write_text("the job\n")
    (tmp_path / "00000001.pbs").write_text("=>> PBS: job killed: walltime 61 exceeded\n")
    assert Held(output, 0, 0.0).last_words(".pbs").startswith("=>> PBS: job killed")


def test_folder_that_nodes_do_not_see_leaves_no_words(tmp_path: Path) -> None:
    held = Held(tmp_path / "00000001.out", 0, 0.0)
    assert held.last_words(".out") == "none; do the nodes see this machine's folders?"

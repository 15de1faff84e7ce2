from __future__ import annotations

from pathlib import Path

from spearmint.schedulers.batch.tracked_job import TrackedJob, size_of


def test_last_line_is_of_this_batch_job(tmp_path: Path) -> None:
    output = tmp_path / "00000001.out"
    output.write_text("of an earlier one\n")
    job = TrackedJob(output, size_of(output), 0.0)
    assert job.last_output_line(".out") == ""
    with output.open("a") as file:
        file.write("x" * 5000 + "\nits  own\twords\n\n")
    assert job.last_output_line(".out") == "its own words"


def test_messages_of_the_batch_system_come_first(tmp_path: Path) -> None:
    output = tmp_path / "00000001.out"
    output.write_text("the job\n")
    (tmp_path / "00000001.pbs").write_text("=>> PBS: job killed: walltime 61 exceeded\n")
    assert TrackedJob(output, 0, 0.0).last_output_line(".pbs").startswith("=>> PBS: job killed")


def test_folder_that_the_nodes_do_not_share(tmp_path: Path) -> None:
    job = TrackedJob(tmp_path / "00000001.out", 0, 0.0)
    assert job.last_output_line(".out") == "none (do the nodes share this file system?)"

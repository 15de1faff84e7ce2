"""A run as TensorBoard's event files: a session of its HParams page for each job, and scalars.

    DIR/<run>/                 the hyper-parameters with their ranges, and the metrics
    DIR/<run>/job-00000014/    one job: learning curves by epoch, final values

The files are written without TensorFlow, each at once. Writing again replaces them.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hwsearch.atomic_files import write_atomic
from hwsearch.errors import UserError
from hwsearch.printing import one_line
from hwsearch.report.bridges.needed import needed
from hwsearch.report.bridges.plain_values import Plain, epochs_of, label
from hwsearch.report.bridges.ranges import Range, ranges
from hwsearch.report.columns import Column
from hwsearch.report.row import FAILED, UNFINISHED, Row
from hwsearch.report.run_table import RunTable
from hwsearch.template import Template

FLAG = "--tensorboard"
#: TensorBoard reads files with `tfevents` in their names.
FILE = "events.out.tfevents.hyperpower"


def write_events(table: RunTable, template: Template | None, folder: Path) -> int:
    """Writes a run into a folder of its name.

    Args:
        table: The run.
        template: Its template, for the ranges.
        folder: The folder that `tensorboard --logdir` gets; it is made if it is missing.

    Returns:
        The number of jobs.

    Raises:
        UserError: TensorBoard is not installed, or a file cannot be written.
    """
    form, found = _Form(), ranges(table, template)
    target = folder / table.run
    began = min((row.start_s for row in table.rows if row.start_s > 0), default=time.time())
    try:
        _write(target, form.file(began, [form.at(began, form.experiment(table, found, began))]))
        for row in table.rows:
            if row.state not in UNFINISHED:
                events = list(form.job(row, table, found))
                started = row.start_s if math.isfinite(row.start_s) else began
                _write(target / _folder_of(row), form.file(started, events))
    except OSError as error:
        place = one_line(error.filename or target)
        raise UserError(f"{FLAG}: {place}: cannot be written: {error.strerror}") from None
    return sum(row.state not in UNFINISHED for row in table.rows)


def _folder_of(row: Row) -> str:
    return f"job-{row.job:08d}" if isinstance(row.job, int) else "job-unknown"


def _write(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / FILE, content)


class _Form:
    """TensorBoard's messages; made once it is known to be installed."""

    def __init__(self) -> None:
        def module(name: str) -> Any:
            return needed(f"tensorboard.{name}", "tensorboard", FLAG)

        self._hparams = module("plugins.hparams.summary_v2")
        self._metadata = module("plugins.hparams.metadata")
        self._data = module("plugins.hparams.plugin_data_pb2")
        self._status = module("plugins.hparams.api_pb2")
        self._event = module("compat.proto.event_pb2").Event
        self._summary = module("compat.proto.summary_pb2").Summary
        self._records = module("summary.writer.record_writer").RecordWriter

    def file(self, wall_time: float, events: list[Any]) -> bytes:
        """The bytes of an event file."""
        content = io.BytesIO()
        writer = self._records(content)
        for event in [self._event(wall_time=wall_time, file_version="brain.Event:2"), *events]:
            writer.write(event.SerializeToString())
        return content.getvalue()

    def at(self, wall_time: float, summary: Any, step: int = 0) -> Any:
        """The event of a summary."""
        return self._event(wall_time=wall_time, step=step, summary=summary)

    def experiment(self, table: RunTable, found: Mapping[str, Range], began: float) -> Any:
        """What all jobs have in common: hyper-parameters and metrics."""
        hparams = [
            self._hparams.HParam(token, self._domain(entry)) for token, entry in found.items()
        ]
        metrics = [
            self._hparams.Metric(label(column), display_name=_title(column))
            for column in table.columns
        ]
        return self._hparams.hparams_config_pb(hparams, metrics, time_created_secs=began)

    def _domain(self, entry: Range) -> Any:
        if entry.choices:
            return self._hparams.Discrete([_typed(value, entry) for value in entry.choices])
        return self._hparams.RealInterval(float(entry.low), float(entry.high))

    def job(self, row: Row, table: RunTable, found: Mapping[str, Range]) -> Iterator[Any]:
        """The events of one job."""
        ended = next((t for t in (row.end_s, row.start_s) if math.isfinite(t)), 0.0)
        started = row.start_s if math.isfinite(row.start_s) else ended
        values = {
            token: _typed(found[token].value(value), found[token])
            for token, value in row.hyperparameters.items()
        }
        yield self.at(
            started,
            self._hparams.hparams_pb(values, trial_id=f"job {row.job}", start_time_secs=started),
        )
        epochs = epochs_of(row)
        for number, reported in enumerate(epochs, start=1):
            when = started + (ended - started) * number / len(epochs)  # it is not recorded
            for name, value in reported.items():
                yield self.at(when, self._scalar(f"epoch/{name}", value), number)
        for column in table.columns:
            if math.isfinite(row.value(column)):
                yield self.at(ended, self._scalar(label(column), row.value(column)))
        failed = row.state in FAILED
        status = self._status.STATUS_FAILURE if failed else self._status.STATUS_SUCCESS
        yield self.at(ended, self._end(status, ended))

    def _end(self, status: int, ended: float) -> Any:
        """What ends a session. TensorBoard's own function for it needs TensorFlow."""
        data = self._data.HParamsPluginData(
            session_end_info=self._data.SessionEndInfo(status=status, end_time_secs=ended)
        )
        value = self._summary.Value(
            tag=self._metadata.SESSION_END_INFO_TAG,
            metadata=self._metadata.create_summary_metadata(data),
            tensor=self._metadata.NULL_TENSOR,
        )
        return self._summary(value=[value])

    def _scalar(self, tag: str, value: float) -> Any:
        return self._summary(value=[self._summary.Value(tag=tag, simple_value=value)])


def _typed(value: Plain, entry: Range) -> Any:
    """A value as it is if all choices have one type, which TensorBoard needs; else as text."""
    types = {type(choice) for choice in entry.choices}
    return str(value) if len(types) > 1 or value is None else value


def _title(column: Column) -> str:
    """A metric with what is wanted of it: "power (W), below 85 W"."""
    if column.objective:
        return f"{label(column)}, {'maximised' if column.maximised else 'minimised'}"
    return f"{label(column)}, {column.condition}" if column.bound is not None else label(column)

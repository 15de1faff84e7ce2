"""Where the trainings of one finished network lie.

<experiment>/tmp/finished/<run>/job_7_epochs_100_all_data/
    1_keras_net.py, 1.json, 1.keras, 1.weights.h5     the first training; its script has its seed
    2_keras_net.py, ...
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment.folder import Experiment
from hwsearch.measurements.repeat import Repeat
from hwsearch.printing import one_line


@dataclass(frozen=True, slots=True)
class Finished:
    """The folder of trainings that differ only in their seed.

    Attributes:
        folder: It need not exist.
    """

    folder: Path

    @classmethod
    def of(
        cls, experiment: Experiment, run: str, job: int, epochs: int | None, all_data: bool
    ) -> Finished:
        """The folder for what is asked for.

        Args:
            experiment: The experiment.
            run: Name of the run.
            job: The job.
            epochs: Those that replace the search's; None = the same.
            all_data: Whether the validation set is trained on too.
        """
        name = f"job_{job}"
        name += f"_epochs_{epochs}" if epochs is not None else ""
        name += "_all_data" if all_data else ""
        return cls(experiment.finished / run / name)

    def script(self, number: int) -> Path:
        """The script of a training."""
        return self.folder / f"{number}_keras_net.py"

    def record(self, number: int) -> Path:
        """Its result."""
        return self.folder / f"{number}.json"

    def model(self, number: int) -> Path:
        """Its model."""
        return self.folder / f"{number}.keras"

    def weights(self, number: int) -> Path:
        """Its weights."""
        return self.folder / f"{number}.weights.h5"

    def written(self, number: int) -> tuple[Path, ...]:
        """All that a training may have written, with the folder of the script's callbacks."""
        kinds = (self.script, self.record, self.model, self.weights)
        return (*(place(number) for place in kinds), self.folder / f"{number}_files")

    def repeat(self, number: int) -> Repeat | None:
        """The result of a training; None if it has not been completed."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            return Repeat.from_json(json.loads(self.record(number).read_text(encoding="utf-8")))
        return None

    def make(self) -> None:
        """Makes the folder.

        Raises:
            UserError: It cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{one_line(self.folder)}: {error.strerror}; expected a writable folder"
            ) from None

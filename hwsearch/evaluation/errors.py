"""What can be wrong with a job, for the optimiser."""

from __future__ import annotations

from hwsearch.errors import UserError


class EvaluationError(UserError):
    """A job cannot be evaluated. The message is one line, the same for all jobs with this fault.

    Attributes:
        user_message: Part of the interface between objective and optimiser: if it is true, the
            text is shown without a traceback.
    """

    user_message = True


class TemplateFaultError(EvaluationError):
    """No network of the template can be evaluated.

    Attributes:
        experiment_fault: Part of the agreement too: the search ends.
    """

    experiment_fault = True


class MachineError(EvaluationError):
    """The machine does not allow a job to begin, for example since its disk is full.

    Attributes:
        machine_fault: Part of the agreement too: the job is put back, and is not to blame.
    """

    machine_fault = True

"""Conformance suites: tests that every database and every scheduler must pass.

They check an implementation that is written elsewhere against `spearmint.database.contract` or
`spearmint.schedulers.protocol`, and this repository's own tests use them too. They need pytest; the
suite for databases also needs hypothesis. Inherit from a suite in a test module, and override the
fixtures that it names. This is all that a database needs:

    from functools import partial

    import pytest

    from spearmint.database.sqlite import SQLiteDatabase  # in its place, your own
    from spearmint.testing import DatabaseConformance


    class TestMyDatabase(DatabaseConformance):
        @pytest.fixture
        def connect(self, tmp_path):
            return partial(SQLiteDatabase, tmp_path / "jobs.sqlite")

And this is all that a scheduler needs:

    import pytest

    from spearmint.schedulers import local  # in its place, your own
    from spearmint.testing import SchedulerConformance


    class TestMyScheduler(SchedulerConformance):
        @pytest.fixture
        def init(self):
            return local.init

Run them with `python -m pytest FILE`; a failing test states what the contract requires. A database
that passes gets a case in `spearmint.database.connect`, and a scheduler an entry in
`spearmint.schedulers.MODULES` and a name in `spearmint.config.resources`, so that `config.json` can
name it.
"""

from __future__ import annotations

import pytest

# Before the suites are imported: their assertions show values, as those in test modules do.
pytest.register_assert_rewrite("spearmint.testing.databases", "spearmint.testing.schedulers")

from spearmint.testing.databases import DatabaseConformance  # noqa: E402 - see above
from spearmint.testing.schedulers import SchedulerConformance  # noqa: E402

__all__ = ["DatabaseConformance", "SchedulerConformance"]

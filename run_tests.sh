#!/usr/bin/env bash
# Installs what the tests need, then runs the formatter's check, the linter, the type checker and the
# tests in four processes: many tests wait, for batch systems for example. Arguments are passed to
# pytest:
#   ./run_tests.sh -m 'not slow' tests/hwsearch
set -euo pipefail

cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
./requirements/install.sh tests

# The tests start many Python processes, each of which would compile the packages again.
unset PYTHONDONTWRITEBYTECODE
.venv/bin/python -m ruff format --check .
.venv/bin/python -m ruff check .
.venv/bin/python -m mypy
exec .venv/bin/python -m pytest --numprocesses 4 --dist worksteal "$@"

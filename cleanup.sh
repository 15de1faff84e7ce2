#!/usr/bin/env bash
# Removes the results of an experiment from the database, and the output files of its jobs.
#   ./cleanup.sh DIR
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
python=$here/.venv/bin/python
[ -x "$python" ] || python=python3
exec "$python" "$here/spearmint/cleanup.py" "$@"

#!/usr/bin/env bash
# Reports a run of an experiment: its best networks, trade-offs, failures, and where the time went.
#   ./report.sh DIR [NAME]       --help shows what else it does
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
python=$here/.venv/bin/python
[ -x "$python" ] || python=python3
PYTHONPATH=$here${PYTHONPATH:+:$PYTHONPATH} exec "$python" -m hwsearch.report "$@"

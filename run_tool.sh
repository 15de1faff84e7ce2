#!/usr/bin/env bash
# Finds the best network of a template under a budget. Takes the flags of gener_experiment.py.
#   ./run_tool.sh                      experiments/digits, 20 networks, under a hardware budget
#   ./run_tool.sh --resume             continues that search
#   ./run_tool.sh --experiment DIR --optimize error --constraint power --constraint_val 85
# A mongod on PATH is started for the run (its files under the experiment), else SQLite is used.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
"$here/requirements/install.sh" >&2
exec "$here/.venv/bin/python" "$here/run_tool.py" "$@"

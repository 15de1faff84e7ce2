#!/usr/bin/env bash
# Finds the best network of a template under a budget.
#   ./run_tool.sh                      experiments/digits, 20 networks, under a hardware budget
#   ./run_tool.sh --resume             goes on with that
#   ./run_tool.sh --experiment DIR --optimize error --constraint power --constraint_val 85
# Flags are those of gener_experiment.py; flags without --experiment are added to the first form.
# A mongod on PATH is started for the run (its files under the experiment), else SQLite is used.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
python=$here/.venv/bin/python
mongod_pid=''

# Where the run goes: the flags as given, or the example's with these added.
experiment='' database='' optimize=error constraint='' only_shows='' resume=''
args=("$@")
for ((i = 0; i < ${#args[@]}; i++)); do
    flag=${args[i]%%=*} value=${args[i]#*=}
    [[ ${args[i]} == *=* ]] || value=${args[i + 1]:-}
    case ${flag//-/_} in
    __experiment) experiment=$value ;;
    __database) database=$value ;;
    __optimize) optimize=$value ;;
    __constraint) constraint=$value ;;
    __resume) resume=yes ;;
    __help | _h | __list_meters) only_shows=yes ;;
    esac
done

"$here/requirements/install.sh"

if [ -z "$experiment" ] && [ -z "$only_shows" ]; then
    experiment=$here/experiments/digits
    args=(--experiment "$experiment")
    # A resumed run has its flags already, perhaps others.
    if [ -z "$resume" ]; then
        args+=(--optimize error --epochs 15 --max_finished_jobs 20)
    fi
    if [ -z "$constraint$resume" ] && [ "$optimize" = error ]; then
        # A third of random networks meet the budget: it is found on the machine at hand.
        metric=runtime
        if timeout 20 nvidia-smi -L >/dev/null 2>&1; then metric=power; fi
        args+=(--constraint "$metric" --constraint_val 33%)
    fi
    args+=("$@")
fi

stop_mongod() {
    if [ -n "$mongod_pid" ] && kill -0 "$mongod_pid" 2>/dev/null; then
        kill -TERM "$mongod_pid"
        wait "$mongod_pid" || true
    fi
}
trap stop_mongod EXIT

# A resumed run goes on in the database that it began in.
began_in_sqlite() {
    [ -n "$resume" ] && "$python" - "$experiment/spearmint/config.json" <<'PYTHON'
import json, sys
try:
    with open(sys.argv[1], encoding="utf-8") as file:
        address = json.load(file)["database"]["address"]
except (OSError, ValueError, KeyError, TypeError):
    sys.exit(1)
sys.exit(not str(address).startswith("sqlite:"))
PYTHON
}

start_mongod() {
    local files=$experiment/mongodb port holder
    mkdir -p -- "$files"
    # A run that was killed outright has left its mongod behind, which holds on to the files.
    holder=$(cat -- "$files/mongod.lock" 2>/dev/null || true)
    if [[ $holder =~ ^[0-9]+$ ]] && grep -aqF -- "$files" "/proc/$holder/cmdline" 2>/dev/null; then
        echo "run_tool.sh: $files is used by the mongod of another run, process $holder; expected that run at its end; if it was killed: kill $holder" >&2
        exit 2
    fi
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # A session of its own: Ctrl-C must reach the run first, the database last.
    setsid mongod --dbpath "$files" --port "$port" --bind_ip 127.0.0.1 \
        --logpath "$files/mongod.log" >"$files/mongod.out" 2>&1 &
    mongod_pid=$!
    if ! "$python" - "$port" "$mongod_pid" <<'PYTHON'
import os, sys, time
from pymongo import MongoClient
from pymongo.errors import PyMongoError
client = MongoClient("127.0.0.1", int(sys.argv[1]), serverSelectionTimeoutMS=500)
for _ in range(60):
    try:
        os.kill(int(sys.argv[2]), 0)
        client.admin.command("ping")
        sys.exit(0)
    except ProcessLookupError:
        sys.exit(1)
    except PyMongoError:
        time.sleep(0.25)
sys.exit(1)
PYTHON
    then
        echo "run_tool.sh: mongod did not start; what it said is in $files/mongod.log and mongod.out" >&2
        exit 1
    fi
    database=127.0.0.1:$port
    echo "database: mongod on $database, its files in $files"
}

if [ -z "$only_shows" ] && [ -z "$database" ] && [ -z "${SPEARMINT_DB_ADDRESS:-}" ] \
    && [ -d "$experiment/keras_model" ] && command -v mongod >/dev/null && ! began_in_sqlite; then
    start_mongod
    args+=(--database "$database")
fi

# The run gets a process group of its own, and each signal from here once; the database outlives it.
set -m
"$python" "$here/gener_experiment.py" "${args[@]}" &
run_pid=$!
set +m
trap 'kill -INT "$run_pid"' INT
trap 'kill -TERM "$run_pid"' TERM HUP
status=0
while kill -0 "$run_pid" 2>/dev/null; do
    status=0
    wait "$run_pid" || status=$?
done
exit "$status"

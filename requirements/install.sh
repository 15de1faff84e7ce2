#!/usr/bin/env bash
# Creates .venv and installs the locked requirements in it; does nothing if they are installed.
#   requirements/install.sh          what run_tool.sh needs
#   requirements/install.sh tests    also what run_tests.sh needs
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
venv=$root/.venv

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 2
}

# TensorFlow supports these versions; the first one on PATH is used.
find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "no Python 3.11, 3.12 or 3.13 on PATH (python3 is $(python3 --version 2>&1 || true)); TensorFlow supports these versions: install one of them"
}

# On Debian and Ubuntu, a part of Python's venv is a separate package.
make_venv() {
    local python=$1 package
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "install.sh: this Python has no ensurepip; installing the Debian package $package" >&2
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"; } >/dev/null \
                || fail "apt-get could not install $package"
        else
            fail "$python has no ensurepip: run 'sudo apt-get install $package' and try again"
        fi
    fi
    "$python" -m venv "$venv"
}

install() {
    local stamp=$venv/.installed-$1 lock
    shift
    local digest
    digest=$(cat -- "$@" | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && return
    may_write
    for lock in "$@"; do
        echo "install.sh: installing ${lock#"$root"/} into .venv (once; TensorFlow is about 1.5 GB on disk)" >&2
        # The lock has every package. Resolving again fails if one that another requires with an
        # extra (coverage[toml]) has a newer version than the lock.
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
            -r "$lock"
    done
    printf '%s\n' "$digest" >"$stamp"
}

# If two runs start at the same time, only one installs. A user without permission to write here can
# use what is installed.
if touch -- "$root/.venv.lock" 2>/dev/null; then
    exec 9>"$root/.venv.lock"
    flock 9
fi
may_write() {
    [ -w "$root" ] || fail "$root: no permission to write, and the requirements are not installed there; its owner has to run $root/requirements/install.sh"
}

# A virtual environment breaks if it is moved or its Python is removed.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    [ ! -e "$venv" ] || [ -f "$venv/pyvenv.cfg" ] || fail "$venv: exists, but is not a virtual environment; move it away"
    python=$(find_python)
    may_write
    rm -rf -- "$venv"
    make_venv "$python"
fi

lock=$root/requirements/cpu.txt
if timeout 20 nvidia-smi -L >/dev/null 2>&1; then
    lock=$root/requirements/cuda.txt
fi
install tool "$lock"
if [ "${1:-}" = tests ]; then
    install tests "$root/requirements/tests.txt"
fi

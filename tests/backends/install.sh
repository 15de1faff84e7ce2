#!/usr/bin/env bash
# Makes .venv-torch and .venv-jax in the repository: Keras' other backends, for the tests marked
# `backend`. Each has an environment of its own, because pip's torch brings CUDA packages of 4.7 GB.
# Does nothing where they are there already.
#   tests/backends/install.sh              both
#   tests/backends/install.sh jax          one
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
backends=("$@")
[ ${#backends[@]} -gt 0 ] || backends=(torch jax)

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 2
}

# The tool's own interpreter, so that both sides have the same locked versions.
"$root/requirements/install.sh"
python=$root/.venv/bin/python
constraints=$(mktemp)
trap 'rm -f -- "$constraints"' EXIT
# pip takes no hashes in constraints.
sed -nE 's/^([A-Za-z0-9_.-]+==[^ ]+)( ; [^\\]*[^\\ ])? *\\?$/\1\2/p' "$root/requirements/cpu.txt" >"$constraints"

for backend in "${backends[@]}"; do
    case $backend in
    torch) packages=(torch==2.15.0) ;;
    jax) packages=('jax[cpu]==0.10.2') ;;
    *) fail "unknown backend '$backend': torch or jax" ;;
    esac
    packages+=(-r "$root/requirements/common.in" -c "$constraints")
    venv=$root/.venv-$backend
    digest=$(cat -- "$constraints" "$root/requirements/common.in" "${BASH_SOURCE[0]}" | sha256sum)
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$digest" ]; then
        continue
    fi
    [ ! -e "$venv" ] || [ -f "$venv/pyvenv.cfg" ] || fail "$venv is there and is no virtual environment: move it away"
    rm -rf -- "$venv"
    "$python" -m venv "$venv"
    echo "install.sh: installing Keras on $backend into .venv-$backend" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
    printf '%s\n' "$digest" >"$venv/.installed"
done

#!/usr/bin/env bash
# Installs Keras' other backends in .venv-torch and .venv-jax, for the tests marked `backend`.
# They are separate environments because pip's torch brings CUDA packages of 4.7 GB.
# Environments that are up to date are left as they are.
#   tests/backends/install.sh              both
#   tests/backends/install.sh jax          one of them
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
backends=("$@")
[ ${#backends[@]} -gt 0 ] || backends=(torch jax)

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 2
}

# The interpreter of .venv, so that all environments have the same locked versions.
"$root/requirements/install.sh"
python=$root/.venv/bin/python
temporary=$(mktemp -d)
trap 'rm -rf -- "$temporary"' EXIT
constraints=$temporary/constraints.txt dependencies=$temporary/dependencies.txt
"$python" -c '
import sys, tomllib
print(*tomllib.load(sys.stdin.buffer)["project"]["dependencies"], sep="\n")
' <"$root/pyproject.toml" >"$dependencies"
# pip accepts no hashes in constraints.
sed -nE 's/^([A-Za-z0-9_.-]+==[^ ]+)( ; [^\\]*[^\\ ])? *\\?$/\1\2/p' "$root/requirements/cpu.txt" >"$constraints"

for backend in "${backends[@]}"; do
    case $backend in
    torch) package=torch==2.15.0 ;;
    jax) package='jax[cpu]==0.10.2' ;;
    *) fail "backend: got '$backend'; expected torch or jax" ;;
    esac
    venv=$root/.venv-$backend
    digest=$(printf '%s\n' "$package" | cat -- - "$constraints" "$dependencies" | sha256sum)
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$digest" ]; then
        continue
    fi
    [ ! -e "$venv" ] || [ -f "$venv/pyvenv.cfg" ] || fail "$venv: exists, but is not a virtual environment; move it away"
    rm -rf -- "$venv"
    "$python" -m venv "$venv"
    echo "install.sh: installing Keras on $backend into .venv-$backend" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        "$package" -r "$dependencies" -c "$constraints"
    printf '%s\n' "$digest" >"$venv/.installed"
done

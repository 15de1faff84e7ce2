#!/usr/bin/env bash
# Installs Ray in .venv-ray, an environment of its own as that of a cluster usually is: it has Ray and
# nothing else. May be run again: what is there stays.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
venv=$root/.venv-ray
# [client] is what ray:// needs.
package='ray[client]==2.60.0'

[ "$(cat "$venv/.installed" 2>/dev/null)" != "$package" ] || exit 0
if [ -e "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ]; then
    echo "ray.sh: $venv: exists, but is not a virtual environment; move it away" >&2
    exit 2
fi
# The interpreter of .venv, since a job and its cluster should have the same Python.
"$root/requirements/install.sh"
rm -rf -- "$venv"
"$root/.venv/bin/python" -m venv "$venv"
echo "ray.sh: installing $package into .venv-ray" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package"
echo "$package" >"$venv/.installed"

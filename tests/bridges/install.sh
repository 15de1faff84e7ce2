#!/usr/bin/env bash
# Installs the tools that runs are exported to in .venv-bridges, for the tests marked `bridge`.
# An environment that is up to date is left as it is.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
venv=$root/.venv-bridges
packages=(optuna==5.0.0 optuna-dashboard==0.21.0 mlflow-skinny==3.17.2 tensorboard==2.21.0 numpy psutil)

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 2
}

# The interpreter of .venv, so that all environments have the same locked versions.
"$root/requirements/install.sh"
temporary=$(mktemp -d)
trap 'rm -rf -- "$temporary"' EXIT
constraints=$temporary/constraints.txt
# pip accepts no hashes in constraints.
sed -nE 's/^((numpy|psutil)==[^ ]+)( ; [^\\]*[^\\ ])? *\\?$/\1\3/p' "$root/requirements/cpu.txt" >"$constraints"

digest=$(printf '%s\n' "${packages[@]}" | cat -- - "$constraints" | sha256sum)
if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$digest" ]; then
    exit
fi
[ ! -e "$venv" ] || [ -f "$venv/pyvenv.cfg" ] || fail "$venv: exists, but is not a virtual environment; move it away"
rm -rf -- "$venv"
"$root/.venv/bin/python" -m venv "$venv"
echo "install.sh: installing Optuna, MLflow and TensorBoard into .venv-bridges" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" -c "$constraints"
printf '%s\n' "$digest" >"$venv/.installed"

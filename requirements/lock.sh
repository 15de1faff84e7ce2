#!/usr/bin/env bash
# Pins the requirements anew, for every Python that TensorFlow has wheels for, with hashes.
# Needs uv on PATH (`pip install uv`). The locks are committed; users never run this.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
compile() {
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-annotate --custom-compile-command ./requirements/lock.sh "$@"
}
compile --upgrade cpu.in -o cpu.txt
compile --upgrade cuda.in -c cpu.txt -o cuda.txt
compile --upgrade tests.in -c cpu.txt -o tests.txt
compile --upgrade docs.in -c tests.txt -o docs.txt

#!/usr/bin/env bash
# Locks the newest versions of all requirements, with hashes, for each Python that TensorFlow supports.
# Needs uv on PATH (`pip install uv`). The locked files are committed; users never run this.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
compile() {
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-annotate --custom-compile-command ./requirements/lock.sh "$@"
}
compile --upgrade ../pyproject.toml cpu.in -o cpu.txt
compile --upgrade ../pyproject.toml cuda.in -c cpu.txt -o cuda.txt
compile --upgrade tests.in -c cpu.txt -o tests.txt
compile --upgrade docs.in -c tests.txt -o docs.txt

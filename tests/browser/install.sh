#!/usr/bin/env bash
# Installs what the tests marked `browser` need: Chromium (Debian's, as root) and Playwright, which
# drives it, in .venv-browser. May be run again: what is there stays.
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)
venv=$root/.venv-browser
playwright=1.65.2

if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "install.sh: chromium is missing; install it (Debian: apt-get install chromium)" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
if [ "$(cat -- "$venv/.installed" 2>/dev/null)" != "$playwright" ]; then
    python=$root/.venv/bin/python
    [ -x "$python" ] || python=python3
    "$python" -m venv --clear -- "$venv"
    "$venv/bin/pip" --quiet --disable-pip-version-check install "playwright==$playwright"
    echo "$playwright" >"$venv/.installed"
fi

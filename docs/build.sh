#!/usr/bin/env bash
# Builds the documentation as a site, in build/site, and checks it: a broken link, anchor or reference
# to a Python name fails the build.
#   docs/build.sh            makes .venv-docs the first time, then builds
#   docs/build.sh --prove    shows that broken pages fail the build
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
venv=$root/.venv-docs
lock=$root/requirements/docs.txt
python=$root/.venv/bin/python
[ -x "$python" ] || python=python3
export NO_MKDOCS_2_WARNING=1
cd -- "$root"

install() {
    local digest
    digest=$(sha256sum <"$lock")
    [ "$(cat "$venv/.installed" 2>/dev/null)" = "$digest" ] && return
    echo "build.sh: installing requirements/docs.txt into .venv-docs" >&2
    rm -rf -- "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock"
    printf '%s\n' "$digest" >"$venv/.installed"
}

# Without --quiet, which would hide the warnings from --strict as well.
build() {
    "$venv/bin/mkdocs" build --strict
}

# Each line, at the end of a page, must make the build fail.
prove() {
    local line
    copy=$(mktemp -d)
    trap 'rm -rf -- "$copy"' EXIT
    tar --exclude .venv -cf - docs examples benchmarks hwsearch spearmint ./*.md mkdocs.yml \
        | tar -xf - -C "$copy"
    cd -- "$copy"
    build >good.log 2>&1 || { cat good.log >&2; exit 1; }
    for line in '[page](no-such-page.md)' '[anchor](index.md#no-such-heading)' \
        '[name][hwsearch.template.NoSuchName]' '::: hwsearch.no_such_module'; do
        cp -- "$root/docs/glossary.md" docs/glossary.md
        printf '\n%s\n' "$line" >>docs/glossary.md
        if build >broken.log 2>&1; then
            echo "build.sh: the build accepts a page with: $line" >&2
            exit 1
        fi
        grep -Eq 'no-such|NoSuch|no_such' broken.log || { cat broken.log >&2; exit 1; }
        echo "refused: $line"
    done
}

install
if [ "${1:-}" = --prove ]; then
    prove
else
    build
    echo "build.sh: the site is in build/site/index.html"
fi

#!/usr/bin/env bash
# Fetches Debian's Slurm (with its qsub, qstat and qdel in the form of PBS) and Grid Engine into
# .servers/, unpacked and not installed: their qsubs have the same name, and no service is started.
# Needs apt-get, but no root; only Grid Engine wants a link at /usr/lib, its programs know no other
# place. May be run again: what is there stays.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
servers=$(cd -- "$here/../.." && pwd)/.servers

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "clusters.sh: no apt-get here: tests on batch systems are left out" >&2
    exit 0
fi

# unpack NAME PACKAGE...: the packages, and those that they need and that are not installed here.
unpack() {
    local place=$servers/$1 part=$servers/$1.part wanted
    shift
    wanted=$(cksum <"$here/clusters.sh")
    [ "$(cat -- "$place/cksum" 2>/dev/null)" != "$wanted" ] || return 0
    if [ "$(id -u)" -eq 0 ] && [ -z "${updated:-}" ]; then
        apt-get update -qq
        updated=yes
    fi
    rm -rf -- "$part"
    mkdir -p -- "$part/partial"
    apt-get install -y -qq --download-only --no-install-recommends -o Debug::NoLocking=1 \
        -o "Dir::Cache::archives=$part" -o APT::Sandbox::User=root \
        "$@" >/dev/null
    for package in "$part"/*.deb; do
        dpkg-deb -x "$package" "$part/root"
    done
    rm -rf -- "$part"/*.deb "$part/partial" "$part/lock"
    echo "$wanted" >"$part/cksum"
    rm -rf -- "$place"
    mv -- "$part" "$place"
}

mkdir -p -- "$servers"
unpack slurm munge slurmctld slurmd slurm-client slurm-wlm-torque
unpack gridengine gridengine-master gridengine-exec gridengine-client

link=/usr/lib/gridengine
if [ ! -e "$link" ] && [ "$(id -u)" -eq 0 ]; then
    ln -sfn -- "$(readlink -f -- "$servers/gridengine/root/usr/lib/gridengine")" "$link"
fi

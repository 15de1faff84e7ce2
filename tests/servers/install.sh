#!/usr/bin/env bash
# Fetches what the server tests talk to, into .servers/: two servers that speak MongoDB's protocol
# (one in Java, through Maven; FerretDB, built from its Go module, has users and TLS), mongosh
# (through npm), batch systems (clusters.sh) and Ray (ray.sh). Missing programs are installed where this user
# is root on Debian or Ubuntu. May be run again: what is there stays.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
servers=$(cd -- "$here/../.." && pwd)/.servers
mongosh_version=2.12.0
# Debian 12 has node 18, which is too old for mongosh; npm has newer ones.
node_version=22.23.3
# The last version with a backend that needs no other server.
ferretdb_version=v1.24.2

# need PROGRAM PACKAGE...: where the program is missing, installs the first of the Debian packages
# that this release has.
need() {
    local program=$1 package
    shift
    command -v "$program" >/dev/null && return
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "install.sh: $program is missing; install it (Debian: $1)" >&2
        exit 1
    fi
    [ -n "${updated:-}" ] || apt-get update -qq
    updated=yes
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                "$package" >/dev/null
            return
        fi
    done
    echo "install.sh: $program is missing, and this release has none of: $*" >&2
    exit 1
}

mkdir -p -- "$servers"
need sqlite3 sqlite3
need java openjdk-17-jre-headless openjdk-21-jre-headless

# A folder gets its last name when it is complete: an interrupted run leaves nothing that looks so.
jars=$servers/mongo-java-server
wanted=$(cksum <"$here/pom.xml")
if [ "$(cat -- "$jars/pom.cksum" 2>/dev/null)" != "$wanted" ]; then
    need mvn maven
    part=$jars.part
    rm -rf -- "$part"
    mkdir -p -- "$part"
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$part/lib"
    echo "$wanted" >"$part/pom.cksum"
    rm -rf -- "$jars"
    mv -- "$part" "$jars"
fi

shell=$servers/mongosh
works() {
    [ "$(cat -- "$1/version" 2>/dev/null)" = "$mongosh_version" ] \
        && PATH=$1/node_modules/.bin:$PATH mongosh --version >/dev/null 2>&1
}
if ! works "$shell"; then
    need npm npm
    part=$shell.part
    rm -rf -- "$part"
    mkdir -p -- "$part"
    packages=("mongosh@$mongosh_version")
    if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
        packages+=("node@$node_version")
    fi
    npm install --prefix "$part" --no-audit --no-fund --loglevel=error "${packages[@]}" >/dev/null
    echo "$mongosh_version" >"$part/version"
    works "$part" || { echo "install.sh: mongosh $mongosh_version does not run here" >&2; exit 1; }
    rm -rf -- "$shell"
    mv -- "$part" "$shell"
fi

ferretdb=$servers/ferretdb
if [ "$(cat -- "$ferretdb/version" 2>/dev/null)" != "$ferretdb_version" ]; then
    need go golang-go
    need openssl openssl
    part=$ferretdb.part
    rm -rf -- "$part"
    mkdir -p -- "$part"
    # A copy, since its build wants a file that the module lacks.
    found=$(cd -- "$part" && go mod download -json "github.com/FerretDB/FerretDB@$ferretdb_version")
    module=$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p' <<<"$found")
    cp -r -- "$module" "$part/source"
    chmod -R u+w -- "$part/source"
    echo "$ferretdb_version" >"$part/source/build/version/version.txt"
    (cd -- "$part/source" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags=-s \
        -o ../ferretdb ./cmd/ferretdb)
    rm -rf -- "$part/source"
    echo "$ferretdb_version" >"$part/version"
    rm -rf -- "$ferretdb"
    mv -- "$part" "$ferretdb"
fi
"$here/clusters.sh"
"$here/ray.sh"
echo "servers for the tests: $servers"

#!/usr/bin/env bash
# schemathesis.sh PROGRAM DIRECTORY: sends what schema/openapi.json allows, and what it forbids, to a
# `tenure serve` of its own, and holds the answers against the document: statuses, members, headers,
# rights, links. The same requests every time; TENURE_SEED=N draws others.
#
# DIRECTORY keeps the Python environment with schemathesis, which is installed at the first run and
# needs the network then. What is asked and accepted beyond the rule is in schemathesis.toml.
set -euo pipefail

program=${1:?schemathesis.sh PROGRAM DIRECTORY}
directory=${2:?schemathesis.sh PROGRAM DIRECTORY}
here=$(cd "$(dirname "$0")" && pwd)
version=4.32.5
examples=${TENURE_EXAMPLES:-12}

fail() {
    echo "schemathesis.sh: $*" >&2
    exit 1
}

mkdir -p "$directory"
st=$directory/venv/bin/st
if [[ $("$st" --version 2>/dev/null || true) != *" $version" ]]; then
    rm -rf "$directory/venv"
    python3 -m venv "$directory/venv" || fail "cannot make a Python environment; is python3-venv installed?"
    "$directory/venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" ||
        fail "cannot install schemathesis $version; the first run needs the network"
fi

work=$(mktemp -d)
server=
finish() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

export TENURE_STORE=$work/store
"$program" init --tenant default --owner owner >/dev/null
"$program" apply "$here/example_store.jsonl" --atomic >/dev/null
TENURE_TOKEN=$("$program" token issue owner --table)
export TENURE_TOKEN

# Waiting for what never comes should not take long.
cat >"$work/tenure.toml" <<TOML
store = "$TENURE_STORE"
port = 0
log_level = "info"
[limits]
wait_max_ms = 1
TOML
"$program" serve --node a --config "$work/tenure.toml" >"$work/log" 2>&1 &
server=$!
port=
for _ in $(seq 300); do
    port=$(sed -n 's/.*listening.* port=\([0-9]*\).*/\1/p' "$work/log")
    [[ -n $port ]] && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
[[ -n $port ]] || fail "the server does not listen: $(cat "$work/log")"

cd "$work"
draw=(--generation-deterministic)
if [[ -n ${TENURE_SEED:-} ]]; then draw=(--seed "$TENURE_SEED" --generation-database none); fi
status=0
"$st" --no-color --config-file "$here/schemathesis.toml" run "http://127.0.0.1:$port/openapi.json" \
    --checks all --max-examples "$examples" "${draw[@]}" --suppress-health-check all \
    --continue-on-failure || status=$?
kill -0 "$server" 2>/dev/null || fail "the server has ended: $(tail -50 "$work/log")"
exit "$status"

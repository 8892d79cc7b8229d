# shellcheck shell=bash
# Words for the operator: progress with seconds on standard output, errors in one line on standard error.

readonly STARTED=$EPOCHREALTIME

elapsed() { awk -v from="$STARTED" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'; }

say() { printf '[%5s s] %s\n' "$(elapsed)" "$*"; }

fail() {
    printf 'lab: %s\n' "$*" >&2
    exit 1
}

need_root() { ((EUID == 0)) || fail "network namespaces need root: run \`sudo ops/lab/lab ${1:-up}\`"; }

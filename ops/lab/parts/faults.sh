# shellcheck shell=bash
# What goes wrong in a datacentre, on request.

need_lab() { [[ -e $STATE/complete ]] || fail "the lab is not up: ops/lab/lab up"; }

need_controller() { is_controller "${1:-}" || fail "'${1:-}' is not a domain controller (${CONTROLLERS[*]})"; }

need_running() {
    need_controller "${1:-}"
    [[ -n $(controller_pid "$1") ]] || fail "$1 does not run: ops/lab/lab start $1"
}

# Stops every process: connections stay open, the kernel still accepts new ones, nothing answers. Repeated until none
# is left, since one may have been born in between.
freeze() {
    local pid running
    need_running "${1:-}"
    for _ in {1..50}; do
        running=
        for pid in $(controller_pids "$1"); do
            if grep -qsE '^State:\s+[^TZX]' "/proc/$pid/status"; then
                running=yes
                kill -STOP "$pid" 2>/dev/null || true
            fi
        done
        if [[ -z $running ]]; then return; fi
    done
    fail "$1 still has running processes"
}

thaw() {
    need_running "${1:-}"
    # shellcheck disable=SC2046
    kill -CONT $(controller_pids "$1")
}

# The kernel ends the rest of a PID namespace with its first process. Connections are reset. Done when nothing listens any more:
# on a busy machine the others outlive the first by a moment, and take connections.
kill_controller() {
    local pid
    need_running "${1:-}"
    pid=$(controller_pid "$1")
    kill -KILL "$pid"
    until [[ -z $(controller_pid "$1") && -z $(ip netns exec "$(namespace "$1")" ss --no-header --listening --tcp) ]]; do sleep 0.02; done
}

start_again() {
    need_controller "${1:-}"
    if [[ -z $(controller_pid "$1") ]]; then start_controller "$1"; fi
    wait_for "$1" 60 || did_not_answer "$1"
}

# Packets vanish; nobody is told.
unplug() { set_cable "$1" down; }

# Forgets who was unreachable, as a switch's announcements would: else the first second still fails.
plug() {
    local name
    set_cable "$1" up
    for name in "${NAMESPACES[@]}"; do ip -n "$(namespace "$name")" neighbour flush all; done
}

# set_cable NAME up|down
set_cable() {
    case ${1:-} in
        cloud) ip -n "$(namespace cloud)" link set to-agent "$2" ;;
        agent) ip -n "$(namespace switch)" link set to-agent "$2" ;;
        *)
            is_controller "${1:-}" || fail "'${1:-}' has no cable (${CONTROLLERS[*]} agent cloud)"
            ip -n "$(namespace switch)" link set "to-$1" "$2"
            ;;
    esac
}

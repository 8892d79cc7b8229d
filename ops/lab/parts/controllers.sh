# shellcheck shell=bash
# One domain controller: Samba in namespaces of its own. Its processes are found by their namespaces, not by files
# with process ids, which could be old.

make_trees() { mkdir -p "$STATE/$1"/{etc,lib/private,cache,log,run}; }

# as_controller NAME COMMAND...: in the controller's view while its server does not run.
as_controller() {
    local name=$1
    shift
    in_namespace "$name" unshare --mount --uts -- "$LAB_HOME/inside/controller" "$STATE" "$name" "$@"
}

start_controller() {
    setsid ip netns exec "$(namespace "$1")" \
        unshare --mount --uts --ipc --pid --fork --kill-child=KILL -- \
        "$LAB_HOME/inside/controller" "$STATE" "$1" \
        /usr/sbin/samba --foreground --no-process-group --debug-stdout >>"$LOGS/$1.log" 2>&1 </dev/null 9>&- &
    disown
}

# The first process of the controller's PID namespace, or nothing when the controller does not run.
controller_pid() {
    local pid
    for pid in $(ip netns pids "$(namespace "$1")" 2>/dev/null); do
        if grep -qsE '^NSpid:\s+[0-9]+\s+1$' "/proc/$pid/status"; then
            printf '%s' "$pid"
            return
        fi
    done
}

# Every process of the controller.
controller_pids() {
    local first pid space
    first=$(controller_pid "$1")
    if [[ -z $first ]]; then return; fi
    space=$(readlink "/proc/$first/ns/pid")
    for pid in $(ip netns pids "$(namespace "$1")"); do
        if [[ $(readlink "/proc/$pid/ns/pid") == "$space" ]]; then printf '%s\n' "$pid"; fi
    done
}

# enter_controller NAME COMMAND...: in the view of the running controller.
enter_controller() {
    local name=$1 pid
    shift
    pid=$(controller_pid "$name")
    [[ -n $pid ]] || fail "$name does not run: ops/lab/lab start $name"
    KRB5_CONFIG=$STATE/krb5.conf nsenter --target "$pid" --mount --uts --ipc --net --pid -- "$@"
}

# ldaps_answers NAME: asks over LDAPS, with certificate and host name verified, who it is. At most 4 s.
ldaps_answers() {
    local host answer
    host=$(fqdn "$1")
    answer=$(in_namespace agent env LDAPTLS_CACERT="$CA" LDAPTLS_REQCERT=demand timeout 4 \
        ldapsearch -x -LLL -o nettimeout=3 -H "ldaps://$host" -s base -b '' dnsHostName 2>/dev/null) &&
        [[ ${answer,,} == *"dnshostname: $host"* ]]
}

# Kerberos, SMB and DNS accept connections.
ports_answer() {
    # shellcheck disable=SC2016
    in_namespace agent timeout 2 bash -c 'for port in 53 88 445; do : <>"/dev/tcp/$1/$port" || exit 1; done' \
        _ "${ADDRESS[$1]}" 2>/dev/null
}

answers() { ports_answer "$1" && ldaps_answers "$1"; }

# wait_for NAME SECONDS: until the controller answers.
wait_for() {
    local deadline=$((SECONDS + $2))
    until answers "$1"; do
        if ((SECONDS >= deadline)); then return 1; fi
        sleep 0.2
    done
}

did_not_answer() { fail "$(fqdn "$1") does not answer; its log is $LOGS/$1.log (last: $(tail -n 1 "$LOGS/$1.log"))"; }

start_all_controllers() {
    local dc
    for dc in "$@"; do start_controller "$dc"; done
    for dc in "$@"; do wait_for "$dc" 60 || did_not_answer "$dc"; done
}

# Ends a controller in good order: its databases are closed when this returns.
stop_controller() {
    local pid
    pid=$(controller_pid "$1")
    if [[ -z $pid ]]; then return; fi
    # shellcheck disable=SC2046
    kill -CONT $(controller_pids "$1")
    kill -TERM "$pid"
    for _ in {1..100}; do
        if [[ ! -e /proc/$pid ]]; then return; fi
        sleep 0.1
    done
    kill -KILL "$pid"
}

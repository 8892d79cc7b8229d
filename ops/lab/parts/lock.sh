# shellcheck shell=bash
# One lab command at a time. The lock is a file that `down` removes, so whoever waited for it must see whether the
# file it has locked is still the one with that name. Daemons are started with 9>&-, or they would keep the lock.

readonly LOCK=/run/lock/passthrough-lab-$PREFIX

take_lock() {
    local waited=
    while true; do
        exec 9>>"$LOCK" || fail "cannot write the lock $LOCK"
        if ! flock --nonblock 9; then
            if [[ -z $waited ]]; then say "another lab command is running: waiting for it"; fi
            waited=yes
            flock --timeout 300 9 || fail "another lab command has held $LOCK for 5 minutes"
        fi
        if [[ $LOCK -ef /proc/self/fd/9 ]]; then return; fi
    done
}

remove_lock() { rm -f "$LOCK"; }

# shellcheck shell=bash
# What is there, for people, for programs, for tests.
# shellcheck disable=SC2153  # CONTROLLERS comes from layout.sh

process_state() {
    local pid
    pid=$(controller_pid "$1")
    if [[ -z $pid ]]; then
        printf 'stopped'
    elif grep -qsE '^State:\s+T' "/proc/$pid/status"; then
        printf 'frozen'
    else
        printf 'running'
    fi
}

cable_state() {
    if ip -n "$(namespace switch)" link show "to-$1" 2>/dev/null | grep -q '[<,]UP[,>]'; then
        printf 'plugged'
    else
        printf 'unplugged'
    fi
}

# One line per controller: name, host name, domain, address, process, cable, LDAPS. All are asked at once.
controller_lines() {
    local dc
    for dc in "${CONTROLLERS[@]}"; do
        {
            local began=$EPOCHREALTIME ldaps=silent
            if [[ -e $STATE/complete ]] && ldaps_answers "$dc"; then
                ldaps=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d ms", (b - a) * 1000 }')
            fi
            printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$dc" "$(fqdn "$dc")" "${DOMAIN[$dc]}" "${ADDRESS[$dc]}" \
                "$(process_state "$dc")" "$(cable_state "$dc")" "$ldaps"
        } &
    done | sort
    wait
}

# status [--json]: fails unless every controller answers LDAPS with a certificate that verifies.
status() {
    local lines
    lines=$(controller_lines)
    if [[ ${1:-} == --json ]]; then
        awk -F '\t' -v state="$STATE" -v ca="$CA" '
            {
                ok = ($7 != "silent"); answering += ok; ms = $7; sub(/ ms/, "", ms)
                controllers = controllers (NR > 1 ? "," : "") sprintf("{\"name\":\"%s\",\"host\":\"%s\",\"domain\":\"%s\",", \
                    $1, $2, $3) sprintf("\"address\":\"%s\",\"process\":\"%s\",\"cable\":\"%s\",", $4, $5, $6) \
                    sprintf("\"ldaps\":%s,\"ldapsMs\":%s}", ok ? "true" : "false", ok ? ms : "null")
            }
            END {
                printf "{\"ready\":%s,\"state\":\"%s\",\"ca\":\"%s\",\"controllers\":[%s]}\n", \
                    (answering == NR ? "true" : "false"), state, ca, controllers
            }' <<<"$lines"
    else
        awk -F '\t' '
            BEGIN { format = "%-19s %-11s %-14s %-8s %-10s %s\n"
                    printf format, "CONTROLLER", "ADDRESS", "DOMAIN", "PROCESS", "CABLE", "LDAPS, VERIFIED" }
            { printf format, $2, $4, $3, $5, $6, $7 }' <<<"$lines"
    fi
    ! grep -q $'\tsilent$' <<<"$lines"
}

# Shell assignments, for `eval "$(ops/lab/lab env)"`.
environment() {
    local dc controllers=()
    for dc in "${CONTROLLERS[@]}"; do controllers+=("$(fqdn "$dc")=${ADDRESS[$dc]}"); done
    export_line LAB_STATE "$STATE"
    export_line LAB_CA "$CA"
    export_line LAB_USERS "$USERS"
    export_line LAB_KRB5_CONFIG "$STATE/krb5.conf"
    export_line LAB_DCS "${controllers[*]}"
    export_line LAB_DNS "${ADDRESS[switch]}"
    export_line LAB_AGENT_NAMESPACE "$(namespace agent)"
    export_line LAB_CLOUD_NAMESPACE "$(namespace cloud)"
    export_line LAB_AGENT_ADDRESS "${ADDRESS[agent]}"
    export_line LAB_AGENT_CLOUD_ADDRESS "$AGENT_SIDE"
    export_line LAB_GATEWAY_ADDRESS "$CLOUD_SIDE"
    export_line LAB_GATEWAY_NAME "$GATEWAY_NAME"
}

export_line() { printf 'export %s=%q\n' "$1" "$2"; }

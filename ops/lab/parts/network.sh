# shellcheck shell=bash
# Namespaces, cables, names. The bridge is inside a namespace, so that the machine's own network gets no address, no
# route and no rule from the lab.

namespace_exists() { [[ -e /run/netns/$(namespace "$1") ]]; }

# in_namespace NAME COMMAND...: runs it with that namespace's network, resolv.conf and hosts.
in_namespace() {
    local name=$1
    shift
    ip netns exec "$(namespace "$name")" "$@"
}

add_namespace() {
    local ns
    ns=$(namespace "$1")
    ip netns add "$ns" 2>/dev/null ||
        fail "this machine does not permit network namespaces (ip netns add $ns; a container needs CAP_SYS_ADMIN)"
    ip -n "$ns" link set lo up
    in_namespace "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
    mkdir -p "/etc/netns/$ns"
}

# plug_in NAME: a cable from the switch's port "to-NAME" to eth0 of NAME. No IPv6: the lab is IPv4 only, and
# link-local addresses would end up in the directories' DNS.
plug_in() {
    local switch ns
    switch=$(namespace switch) ns=$(namespace "$1")
    ip -n "$switch" link add "to-$1" type veth peer name eth0 netns "$ns"
    ip -n "$switch" link set "to-$1" addrgenmode none master lan up
    ip -n "$ns" link set eth0 addrgenmode none
    ip -n "$ns" address add "${ADDRESS[$1]}/24" dev eth0
    ip -n "$ns" link set eth0 up
}

# The cable between agent and cloud, which alone joins the two worlds. Neither end forwards packets.
plug_in_cloud() {
    local agent cloud
    agent=$(namespace agent) cloud=$(namespace cloud)
    ip -n "$cloud" link add to-agent type veth peer name to-cloud netns "$agent"
    ip -n "$cloud" link set to-agent addrgenmode none
    ip -n "$agent" link set to-cloud addrgenmode none
    ip -n "$cloud" address add "$CLOUD_SIDE/30" dev to-agent
    ip -n "$agent" address add "$AGENT_SIDE/30" dev to-cloud
    ip -n "$cloud" link set to-agent up
    ip -n "$agent" link set to-cloud up
}

# write_names NAME: what /etc/hosts and /etc/resolv.conf say inside that namespace.
write_names() {
    local etc
    etc=/etc/netns/$(namespace "$1")
    printf '127.0.0.1 localhost\n' >"$etc/hosts"
    case $1 in
        cloud)
            printf '%s %s\n' "$CLOUD_SIDE" "$GATEWAY_NAME" >>"$etc/hosts"
            # Nothing listens there: an unknown name fails at once. The cloud knows none of the premises' names.
            printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$etc/resolv.conf"
            ;;
        agent)
            printf '%s %s\n' "$CLOUD_SIDE" "$GATEWAY_NAME" >>"$etc/hosts"
            printf 'nameserver %s\noptions timeout:1 attempts:2\n' "${ADDRESS[switch]}" >"$etc/resolv.conf"
            ;;
        *)
            printf '%s %s %s\n' "${ADDRESS[$1]}" "$(fqdn "$1")" "$1" >>"$etc/hosts"
            # First itself, as a controller should: another one may not have its newest records yet.
            printf 'search %s\nnameserver %s\nnameserver %s\noptions timeout:2 attempts:2\n' \
                "${DOMAIN[$1]}" "${ADDRESS[$1]}" "${ADDRESS[switch]}" >"$etc/resolv.conf"
            ;;
    esac
}

write_krb5_conf() {
    cat >"$STATE/krb5.conf" <<END
[libdefaults]
  default_realm = CORP.EXAMPLE
  dns_lookup_realm = false
  dns_lookup_kdc = true
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[domain_realm]
  corp.example = CORP.EXAMPLE
  .corp.example = CORP.EXAMPLE
  fabrikam.test = FABRIKAM.TEST
  .fabrikam.test = FABRIKAM.TEST
END
}

# DNS for the premises: asks all controllers of a domain at once, so a dead one delays nobody. Other names do not exist.
start_dns() {
    local servers=() dc
    for dc in "${CONTROLLERS[@]}"; do servers+=("--server=/${DOMAIN[$dc]}/${ADDRESS[$dc]}"); done
    setsid ip netns exec "$(namespace switch)" dnsmasq --keep-in-foreground --conf-file=/dev/null \
        --no-resolv --no-hosts --bind-interfaces "--listen-address=${ADDRESS[switch]}" --cache-size=0 --all-servers \
        "--local=/#/" "${servers[@]}" --pid-file= --log-facility=- >"$LOGS/dnsmasq.log" 2>&1 </dev/null 9>&- &
    disown
}

network_up() {
    local name switch
    for name in "${NAMESPACES[@]}"; do add_namespace "$name"; done
    switch=$(namespace switch)
    ip -n "$switch" link add lan type bridge
    ip -n "$switch" link set lan addrgenmode none
    ip -n "$switch" address add "${ADDRESS[switch]}/24" dev lan
    ip -n "$switch" link set lan up
    for name in "${CONTROLLERS[@]}" agent; do plug_in "$name"; done
    plug_in_cloud
    for name in "${CONTROLLERS[@]}" agent cloud; do write_names "$name"; done
    write_krb5_conf
    start_dns
}

# Ends every process inside the lab's namespaces, whoever started it, then removes the namespaces.
network_down() {
    local name ns pids signal
    for signal in TERM KILL; do
        for _ in {1..30}; do
            pids=$(for name in "${NAMESPACES[@]}"; do ip netns pids "$(namespace "$name")" 2>/dev/null || true; done)
            if [[ -z $pids ]]; then break 2; fi
            # A stopped process cannot act on TERM.
            # shellcheck disable=SC2086
            kill "-$signal" $pids 2>/dev/null || true
            # shellcheck disable=SC2086
            kill -CONT $pids 2>/dev/null || true
            sleep 0.1
        done
    done
    for name in "${NAMESPACES[@]}"; do
        ns=$(namespace "$name")
        if [[ -e /run/netns/$ns ]]; then ip netns delete "$ns"; fi
        rm -rf "/etc/netns/$ns"
    done
    rmdir /etc/netns 2>/dev/null || true
    # iproute2 mounts this folder for the first namespace and would leave it so.
    if [[ -d /run/netns && -z $(ls -A /run/netns) ]]; then
        umount /run/netns 2>/dev/null || true
        rmdir /run/netns 2>/dev/null || true
    fi
}

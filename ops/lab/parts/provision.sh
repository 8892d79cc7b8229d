# shellcheck shell=bash
# Two forests from nothing. Every step writes its own log; a step that fails is named together with its log.

# step LOG FUNCTION ARGUMENTS...: runs it with its words in the log. In the background, so that its first failing
# command ends it (inside a condition bash would go on) and so that an interrupt is heard while it runs.
step() {
    local log=$LOGS/$1.log
    shift
    "$@" >>"$log" 2>&1 &
    wait $! || fail "$* failed; its log is $log (last: $(tail -n 1 "$log"))"
}

# Options of smb.conf that a controller has from its first second.
readonly SAMBA_OPTIONS=(
    --option="interfaces=lo eth0"
    --option="bind interfaces only=yes"
    --option="dns forwarder=${ADDRESS[switch]}"
)

create_domain() {
    make_trees "$1"
    as_controller "$1" timeout 180 samba-tool domain provision --realm="${DOMAIN[$1]^^}" --domain="${NETBIOS[$1]}" \
        --server-role=dc --dns-backend=SAMBA_INTERNAL --host-name="$1" --host-ip="${ADDRESS[$1]}" \
        --adminpass="$(password_of "${DOMAIN[$1]}" Administrator)" "${SAMBA_OPTIONS[@]}"
}

# join_domain NAME FIRST: NAME becomes another controller of FIRST's domain.
join_domain() {
    make_trees "$1"
    as_controller "$1" timeout 180 samba-tool domain join "${DOMAIN[$1]}" DC --server="$(fqdn "$2")" \
        --dns-backend=SAMBA_INTERNAL --option="netbios name=$1" -W "${NETBIOS[$1]}" \
        -U "Administrator%$(password_of "${DOMAIN[$1]}" Administrator)" "${SAMBA_OPTIONS[@]}"
}

# configure NAME: what provision and join do not set. "ldap server require strong auth" stays at its default: a simple
# bind without TLS is refused, as it should be on Windows too.
configure() {
    local conf=$STATE/$1/etc/smb.conf
    install_certificate "$1"
    for option in "interfaces = lo eth0" "bind interfaces only = yes" "dns forwarder = ${ADDRESS[switch]}" \
        "tls enabled = yes" "tls keyfile = tls/key.pem" "tls certfile = tls/cert.pem" "tls cafile = tls/ca.pem" \
        "old password allowed period = 0" "server services = -wrepl -ntp_signd -dnsupdate" "disable netbios = yes" \
        "disable spoolss = yes" "load printers = no" "printcap name = /dev/null" "template shell = /bin/false"; do
        # A later line of the section would win over ours.
        sed -i "/^[[:space:]]*${option%% =*} =/d" "$conf"
        sed -i "/^\[global\]/a\\	$option" "$conf"
    done
}

create_accounts() { enter_controller "$1" /usr/bin/python3 "$LAB_HOME/inside/accounts.py" "$USERS"; }

# lock_account CONTROLLER NAME: by three wrong passwords, as it happens to people. The fourth tells.
lock_account() {
    local answer
    for _ in 1 2 3 4; do
        # An answer of 49 is no failure here.
        answer=$(in_namespace agent env LDAPTLS_CACERT="$CA" timeout 10 \
            ldapwhoami -x -H "ldaps://$(fqdn "$1")" -D "$2" -w wrong 2>&1) || true
        printf '%s\n' "$answer"
    done
    [[ $answer == *"data 775"* ]]
}

# A two-way forest trust, and the suffixes that each forest claims. A new suffix arrives on the other side disabled
# until somebody enables it there; enabling the shared one shows each side that it conflicts with its own.
create_trust() {
    local corp=(enter_controller dc1 samba-tool domain trust) fabrikam=(enter_controller fab1 samba-tool domain trust)
    "${corp[@]}" create fabrikam.test --type=forest --direction=both --create-location=both \
        -U "Administrator@FABRIKAM.TEST%$(password_of fabrikam.test Administrator)"
    "${corp[@]}" namespaces --add-upn-suffix="$CORP_SUFFIX" --add-upn-suffix="$SHARED_SUFFIX"
    "${fabrikam[@]}" namespaces --add-upn-suffix="$FABRIKAM_SUFFIX" --add-upn-suffix="$SHARED_SUFFIX"
    "${corp[@]}" namespaces fabrikam.test --refresh=store
    "${fabrikam[@]}" namespaces corp.example --refresh=store
    "${corp[@]}" namespaces fabrikam.test --enable-tln="$FABRIKAM_SUFFIX" --enable-tln="$SHARED_SUFFIX"
    "${fabrikam[@]}" namespaces corp.example --enable-tln="$CORP_SUFFIX" --enable-tln="$SHARED_SUFFIX" \
        --add-tln-ex="$EXCLUDED_SUFFIX"
}

# What Samba's service "dnsupdate" does at every start and every ten minutes, and what nothing here ever changes: the
# service is off, so this happens once.
register_principals() { enter_controller "$1" samba_spnupdate; }
register_names() { enter_controller "$1" samba_dnsupdate --use-samba-tool; }

# replicate FROM TO: everything, now.
replicate() {
    local context base=DC=${DOMAIN[$1]//./,DC=}
    for context in "$base" "CN=Configuration,$base" "DC=DomainDnsZones,$base" "DC=ForestDnsZones,$base"; do
        enter_controller "$2" samba-tool drs replicate "$2" "$1" "$context" \
            -U "Administrator%$(password_of "${DOMAIN[$1]}" Administrator)"
    done
}

# join_all JOBS...: waits for all, fails when one of them failed.
join_all() {
    local job failed=0
    for job in "$@"; do wait "$job" || failed=1; done
    if ((failed)); then exit 1; fi
}

provision() {
    local first second
    step certificates make_certificates
    step dc1 create_domain dc1 & first=$!
    step fab1 create_domain fab1 & second=$!
    join_all $first $second
    configure dc1
    configure fab1
    say "forests corp.example and fabrikam.test created"

    start_all_controllers dc1 fab1
    say "dc1 and fab1 answer"

    step principals register_principals dc1
    step dc2 join_domain dc2 dc1 & first=$!
    { step principals register_principals fab1; step trust create_trust; step accounts-fabrikam create_accounts fab1; } & second=$!
    join_all $second
    say "forest trust, suffixes and the accounts of fabrikam.test made"
    join_all $first
    configure dc2
    start_all_controllers dc2
    say "dc2 joined and answers"

    { step principals register_principals dc2; step names register_names dc2; } & first=$!
    step accounts-corp create_accounts dc1
    step locked lock_account dc1 lucy@corp.example
    join_all $first
    say "accounts of corp.example made"
    step replicate replicate dc2 dc1
    step replicate replicate dc1 dc2
    say "replicated both ways"
}

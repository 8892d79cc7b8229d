# shellcheck shell=bash disable=SC2034  # the other parts read these
# What the lab consists of: names, addresses, paths. Changing a line here changes the lab (and makes a new snapshot).

readonly USERS=$LAB_HOME/users.tsv
readonly STATE=${PASSTHROUGH_LAB_STATE:-/var/lib/passthrough-lab}
readonly CACHE=${PASSTHROUGH_LAB_CACHE:-/var/cache/passthrough-lab}
# Another prefix (and state folder) makes a second lab beside the first: all addresses live inside the namespaces.
readonly PREFIX=${PASSTHROUGH_LAB_PREFIX:-pt}
readonly CA=$STATE/ca.pem
readonly LOGS=$STATE/log

# Domain controllers. The first of a domain creates it, the others join it.
readonly CONTROLLERS=(dc1 dc2 fab1)
readonly FIRST_CONTROLLERS=(dc1 fab1)
declare -Ar ADDRESS=([dc1]=10.77.0.11 [dc2]=10.77.0.12 [fab1]=10.77.0.21 [agent]=10.77.0.50 [switch]=10.77.0.2)
declare -Ar DOMAIN=([dc1]=corp.example [dc2]=corp.example [fab1]=fabrikam.test)
declare -Ar NETBIOS=([dc1]=CORP [dc2]=CORP [fab1]=FABRIKAM)

# Every namespace: the switch (a bridge and DNS), the controllers, the on-premises clients, the cloud.
readonly NAMESPACES=(switch "${CONTROLLERS[@]}" agent cloud)
# The one link between the cloud and the premises.
readonly CLOUD_SIDE=10.78.0.1 AGENT_SIDE=10.78.0.2
readonly GATEWAY_NAME=gateway.cloud.example

# UPN suffixes beyond the domains' own names. Both forests claim the shared one, which so conflicts across the trust.
readonly CORP_SUFFIX=contoso.com FABRIKAM_SUFFIX=brand-b.example SHARED_SUFFIX=shared.example
# A name below contoso.com that fabrikam.test must not send to corp.example.
readonly EXCLUDED_SUFFIX=sub.contoso.com

namespace() { printf '%s-%s' "$PREFIX" "$1"; }
fqdn() { printf '%s.%s' "$1" "${DOMAIN[$1]}"; }

is_controller() { [[ -n ${1:-} && -n ${DOMAIN[$1]:-} ]]; }

# password_of DOMAIN ACCOUNT: from users.tsv.
password_of() { awk -F '\t' -v d="$1" -v a="$2" '$1 == d && $2 == a { print $5 }' "$USERS"; }

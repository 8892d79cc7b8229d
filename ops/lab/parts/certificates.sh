# shellcheck shell=bash
# The lab's own certificate authority and one LDAPS certificate per controller. The authority's key is deleted after
# use: nobody can make another certificate that the lab's clients trust.

# Longer than a snapshot lives (MAX_SNAPSHOT_DAYS) plus the longest time that one lab stays up.
readonly CERTIFICATE_DAYS=400

make_certificates() {
    local dir=$STATE/certificates dc
    mkdir -p "$dir"
    openssl req -x509 -newkey rsa:2048 -nodes -days "$CERTIFICATE_DAYS" -subj '/CN=Passthrough lab CA' \
        -keyout "$dir/ca.key" -out "$CA" -addext basicConstraints=critical,CA:true,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign
    for dc in "${CONTROLLERS[@]}"; do
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$(fqdn "$dc")" -keyout "$dir/$dc.key" -out "$dir/$dc.csr"
        openssl x509 -req -in "$dir/$dc.csr" -CA "$CA" -CAkey "$dir/ca.key" -CAcreateserial \
            -days "$CERTIFICATE_DAYS" -out "$dir/$dc.pem" -extfile <(
                printf 'subjectAltName=DNS:%s,DNS:%s,IP:%s\n' "$(fqdn "$dc")" "${DOMAIN[$dc]}" "${ADDRESS[$dc]}"
                printf 'basicConstraints=critical,CA:false\nextendedKeyUsage=serverAuth\n'
                printf 'keyUsage=critical,digitalSignature,keyEncipherment\n'
            )
    done
    rm -f "$dir"/ca.key "$dir"/*.csr
}

# install_certificate NAME: into the controller's trees, where its smb.conf looks for it.
install_certificate() {
    local tls=$STATE/$1/lib/private/tls
    mkdir -p "$tls"
    install -m 600 "$STATE/certificates/$1.key" "$tls/key.pem"
    install -m 644 "$STATE/certificates/$1.pem" "$tls/cert.pem"
    install -m 644 "$CA" "$tls/ca.pem"
}

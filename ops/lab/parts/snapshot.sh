# shellcheck shell=bash
# The provisioned forests as one archive outside the repository: it holds keys and password hashes. Its name says what
# it was made from, so a change of the lab's own inputs makes a new one.

readonly MAX_SNAPSHOT_DAYS=30

# Everything that decides what is inside the forests.
inputs_hash() {
    {
        cat "$USERS" "$LAB_HOME/inside/"* "$LAB_HOME/parts/"{layout,certificates,provision}.sh
        dpkg-query --show samba
    } | sha256sum | cut -c 1-16
}

snapshot_path() { printf '%s/forests-%s.tar.gz' "$CACHE" "$INPUTS"; }

# There is one of these inputs, and it is not too old.
have_snapshot() { [[ -n $(find "$(snapshot_path)" -mtime "-$MAX_SNAPSHOT_DAYS" 2>/dev/null) ]]; }

# Needs stopped controllers. The archive gets its name only when it is whole.
take_snapshot() {
    local partial
    install -d -m 700 "$CACHE"
    find "$CACHE" -name 'forests-*' -mtime "+$MAX_SNAPSHOT_DAYS" -delete
    partial=$(snapshot_path).partial
    (umask 077 && tar --create --gzip --xattrs --xattrs-include='*' --acls --sparse --warning=no-file-ignored \
        --file "$partial" --directory "$STATE" --exclude='*/run/*' ca.pem "${CONTROLLERS[@]}")
    mv "$partial" "$(snapshot_path)"
}

remove_snapshots() {
    rm -f "$CACHE"/forests-*
    rmdir "$CACHE" 2>/dev/null || true
}

# Replaces the controllers' trees by those of the snapshot, or deletes a damaged one. Needs stopped controllers.
restore_snapshot() {
    local dc
    for dc in "${CONTROLLERS[@]}"; do rm -rf "${STATE:?}/$dc"; done
    tar --extract --xattrs --xattrs-include='*' --acls --file "$(snapshot_path)" --directory "$STATE" 2>/dev/null || {
        rm -f "$(snapshot_path)"
        say "the snapshot was damaged: deleted"
        return 1
    }
    say "restored the snapshot of $(date --utc --reference="$(snapshot_path)" '+%Y-%m-%d %H:%M UTC')"
}

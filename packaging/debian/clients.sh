# Warns where a client's configuration still names what is being removed. Reads as the user whose home it is, regular
# files only, none behind a link, none on a file system that may be a network's, and no home for longer than 5 seconds.

local_types='bcachefs|btrfs|ecryptfs|ext2|ext3|ext4|f2fs|jfs|overlay|reiserfs|tmpfs|xfs|zfs'

# UID GID HOME, a line each: of who has a session, then of who is in /etc/passwd and may be a person.
people() {
  {
    for folder in /run/user/*; do
      timeout -k 1 5 getent passwd "${folder##*/}" </dev/null || true
    done
    cat /etc/passwd
  } | awk -F: '($3 == 0 || ($3 >= 1000 && $3 < 65534)) && $6 ~ "^/." && !seen[$6]++ {
    print $3, $4, $6; if (++count == 200) exit }'
}

# The type of the file system that a path lies on, found without touching it.
type_of() {
  awk -v path="$1/" '{
    place = $5; if (place != "/") place = place "/"
    for (i = 7; $i != "-"; ++i);
    if (index(path, place) == 1 && length(place) >= best) { best = length(place); type = $(i + 1) }
  } END { print type }' /proc/self/mountinfo
}

# shellcheck disable=SC2016
look='
  plain() { # no link on the way, and a regular file at its end
    way= rest=${1#/}
    while [ -n "$rest" ]; do
      way=$way/${rest%%/*}
      [ ! -L "$way" ] || return 1
      case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    done
    [ -f "$1" ]
  }
  for file in "$@"; do
    if plain "$file" && head -c 1000000 -- "$file" | grep -Eqs "\"purser\"|docker-credential-purser"; then
      printf "  %s\n" "$file"
    fi
  done'

files_that_name_us() {
  people | while read -r uid gid home; do
    type_of "$home" | grep -Eqx "$local_types" || continue
    timeout -k 1 5 setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs sh -c "$look" sh \
      "$home/.docker/config.json" "$home/.config/helm/registry/config.json" "$home/.config/containers/auth.json" \
      "$home/.config/containers/registries.conf" "$home/.config/containers/registries.conf.d/90-purser.conf" \
      "$home/.bazelrc" </dev/null 2>/dev/null || true
  done
  timeout -k 1 5 sh -c "$look" sh /etc/containers/registries.conf /etc/containers/registries.conf.d/*.conf \
    /etc/bazel.bazelrc </dev/null 2>/dev/null || true
}

warn_of_clients() {
  found=$(files_that_name_us | tr -d '\001-\011\013-\037\177' | head -n 50)
  [ -n "$found" ] || return 0
  printf '%s\n' "@package@: warning: these files still name purser, which is being removed; clients that read them will fail:" \
    "$found" \
    "Install it again and run \`purser setup --undo\` as the user, or take \"purser\" out of the file." >&2
}

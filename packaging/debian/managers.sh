# What user managers run, and which daemons.

# `systemctl --user ARGUMENTS` as the user of each manager that runs. None is waited for longer than 20 seconds, and
# none that fails keeps the package from being installed or removed.
in_each_manager() {
  command -v systemctl >/dev/null || return 0
  for socket in /run/user/*/systemd/private; do
    [ -S "$socket" ] || continue
    runtime=${socket%/systemd/private}
    uid=${runtime##*/}
    case $uid in *[!0-9]*) continue ;; esac
    timeout -k 5 20 setpriv --reuid="$uid" --regid="$(stat -c %g "$runtime")" --clear-groups --no-new-privs \
      env -i PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$runtime" systemctl --user --quiet "$@" </dev/null >/dev/null 2>&1 || true
  done
}

in_the_systems_manager() {
  [ -d /run/systemd/system ] || return 0
  timeout -k 5 20 systemctl --quiet "$@" </dev/null >/dev/null 2>&1 || true
}

# The processes whose program is that path, as the kernel writes it, without those that start programs for them.
daemons_of() {
  find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$1" 2>/dev/null | while read -r link; do
    folder=${link%/exe}
    [ "$(cat "$folder/comm" 2>/dev/null)" != purserd ] || echo "${folder#/proc/}"
  done
}

# Sourced by the scripts: which Debian packages are needed, and how they get here.

build_packages=(g++ python3 cmake ninja-build ccache pkg-config musl-tools libboost1.81-dev libssl-dev
  nlohmann-json3-dev libspdlog-dev libcli11-dev libpugixml-dev libsecret-1-dev libseccomp-dev)

package_packages=("${build_packages[@]}" dpkg-dev file git)

test_packages=("${build_packages[@]}" clang clang-tidy clang-format libclang-rt-14-dev libgtest-dev
  libgmock-dev python3-pytest python3-botocore python3-cryptography python3-jsonschema python3-prometheus-client
  python3-docker python3-venv awscli systemd dbus-user-session strace curl openssl iproute2 util-linux procps git ca-certificates
  tmux zsh fish docker.io podman skopeo buildah docker-registry nginx-light apache2-utils uidmap fuse-overlayfs
  gnome-keyring dbus golang-docker-credential-helpers pass gnupg gir1.2-secret-1 python3-gi
  python3-yaml prometheus openapi-specification mandoc man-db
  dpkg-dev file debootstrap lintian shellcheck)
# oidc-provider, one of the token servers, runs on Node: Debian's, or a newer one that is there.
command -v node >/dev/null || test_packages+=(nodejs npm)

bench_packages=("${build_packages[@]}" python3-cryptography python3-botocore openssl git dbus
  amazon-ecr-credential-helper golang-docker-credential-helpers pass gnupg gnome-keyring)

# Installs what is missing of the packages named; says what to run where it may not.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local root=()
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null && ! { [[ -t 0 ]] && sudo true; }; then
      echo "These packages are missing, and only root can install them. Run, then try again:" >&2
      echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    root=(sudo)
  fi
  echo "Installing ${missing[*]}" >&2
  # RUNLEVEL=1: the servers among them are for the tests to start, not for the machine.
  local environment=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1)
  "${root[@]}" "${environment[@]}" apt-get -q -o DPkg::Lock::Timeout=600 update </dev/null >&2 &&
    "${root[@]}" "${environment[@]}" apt-get -q -y -o DPkg::Lock::Timeout=600 install \
      --no-install-recommends "${missing[@]}" </dev/null >&2
}

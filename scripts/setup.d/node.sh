# Parts node and deps; sourced by scripts/setup.
# shellcheck disable=SC2154 # here, checkout and setup_log are set by scripts/setup

node_version=24.21.0
node_dir=$BELAY_CACHE/node-$node_version

node_why() { echo "Node $node_version (belay runs TypeScript directly; needs Node 24 or newer)"; }
node_remedy() { echo 'sudo apt-get install -y npm && sh scripts/setup node'; }
node_installable() { linux_machine && command -v npm >/dev/null; }

node_ready() {
  node_bin=
  # One of our own on PATH is not the machine's: env.sh must go on naming it.
  case $(command -v node) in
  "$BELAY_CACHE"/*) ;;
  *) node_of_machine && return 0 ;;
  esac
  case $(uname -m) in aarch64) node_arch=arm64 ;; *) node_arch=x64 ;; esac
  node_bin=$node_dir/node_modules/node-linux-$node_arch/bin
  [ -x "$node_bin/node" ]
}

node_of_machine() {
  command -v node >/dev/null && node_major=$(node -p 'parseInt(process.versions.node)') &&
    [ "$node_major" -ge 24 ]
}

# npm checks the files against the hashes in setup.d/node/package-lock.json. No package's own
# script is run.
node_install() (
  rm -rf "$node_dir.partial" && mkdir -p "$node_dir.partial" || return 1
  cp "$here/setup.d/node/package.json" "$here/setup.d/node/package-lock.json" "$node_dir.partial"
  cd "$node_dir.partial" && logged npm ci --ignore-scripts --no-audit --no-fund &&
    rm -rf "$node_dir" && mv "$node_dir.partial" "$node_dir"
)

deps_why() { echo "belay's npm packages, as package-lock.json pins them"; }
deps_remedy() { echo 'sudo apt-get install -y npm && sh scripts/setup deps'; }
deps_installable() { command -v npm >/dev/null; }

# The stamp holds the lock file's hash. Without it (someone ran npm install) what npm wrote down
# about the installed tree is compared instead, so that a good tree is not taken away.
deps_ready() {
  lock_hash=$(sha256sum <"$checkout/package-lock.json") || return 1
  stamp=$checkout/node_modules/.belay-lock-hash
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock_hash" ]; then return 0; fi
  node "$here/setup.d/modules-match.mjs" "$checkout" || return 1
  if [ "${BELAY_SETUP:-install}" = check ]; then return 0; fi
  printf '%s\n' "$lock_hash" >"$stamp"
}

# `npm ci` refuses a lock file without the optional packages for other platforms, which is what npm
# writes where a registry holds them for Linux alone. `install --no-save` takes what is locked, by
# version and hash, and writes nothing but node_modules; deps_ready then compares the two. What
# cannot be repaired in place is made anew.
deps_install() (
  cd "$checkout" || return 1
  npm_install_locked && deps_ready && return 0
  rm -rf node_modules && npm_install_locked
)

npm_install_locked() { logged npm install --no-save --ignore-scripts --no-audit --no-fund; }

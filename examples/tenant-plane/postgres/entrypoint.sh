#!/bin/sh
# Starts Postgres, making its database on the first start from POSTGRES_USER, POSTGRES_PASSWORD and
# POSTGRES_DB. Programs inside the container reach it without a password through the socket in
# /run/postgresql or /tmp; everybody else needs the password.
set -eu

case "${1:-}" in
'' | -*) ;;
*) exec "$@" ;; # a one-off command
esac

if [ ! -e "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?is not set; it becomes the password of the new database}"
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}

  # Made beside its place and then renamed: a kill in the middle leaves nothing half-made behind.
  new="$PGDATA.new"
  rm -rf "$new"
  printf '%s\n' "$POSTGRES_PASSWORD" | initdb --pgdata "$new" --username "$user" \
    --pwfile /dev/stdin --auth-local trust --auth-host scram-sha-256 \
    --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 --locale C
  echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "create database \"$database\"" | postgres --single -D "$new" postgres >/dev/null
  fi
  mv "$new" "$PGDATA"
fi

exec postgres -D "$PGDATA" -c listen_addresses='*' \
  -c unix_socket_directories=/run/postgresql,/tmp "$@"

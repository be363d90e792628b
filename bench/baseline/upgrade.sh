#!/usr/bin/env bash
# The upgrade as an operator would script it: the nine steps of a vendor's guide, one after the other,
# without belay. The bench measures belay against this. Exit codes: 0 upgraded, 3 taken back to the
# version before, 1 anything else.
#
#   ATLAS_VERSION=1.3.0 bash upgrade.sh     in the folder of the Compose project
set -euo pipefail

: "${ATLAS_VERSION:?the version to upgrade to}"
compose_file=${TP_COMPOSE_FILE:-docker-compose.yml}
service=${TP_SERVICE_NAME:-tenant-plane}
image=${TP_IMAGE:-127.0.0.1:5000/atlasai/tenant-plane}
health_url=${HEALTH_URL:-http://localhost:3000/api/health}
health_timeout=${HEALTH_TIMEOUT:-90}
rollback_timeout=${ROLLBACK_TIMEOUT:-60}
db_service=${DB_SERVICE:-db}
db_user=${DB_USER:-atlas}
db_name=${DB_NAME:-atlas}
backup_dir=${BACKUP_DIR:-backups}
data_dir=${DATA_DIR:-data}
log_dir=${LOG_DIR:-logs}
min_free_kb=$((512 * 1024))

stamp=$(date -u +%Y%m%dT%H%M%S)
mkdir -p "$backup_dir" "$data_dir" "$log_dir"
log_file=$log_dir/upgrade-$stamp.log
exec > >(tee -a "$log_file") 2>&1

say() { echo "$(date -u +%H:%M:%S.%3N) $*"; }
fail() { say "failed: $*"; exit 1; }
compose() { docker compose -f "$compose_file" "$@"; }

# Asks once, for up to 2 s, whether the answer is 200 and its status "ok".
healthy() { ask 2>/dev/null | grep -q '"status": *"ok"'; }
if command -v curl >/dev/null; then
  ask() { curl --silent --fail --max-time 2 "$health_url"; }
else
  ask() {
    python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=2).read().decode())' \
      "$health_url"
  }
fi

# Asks every second until it is healthy or $1 seconds are over.
wait_healthy() {
  local deadline=$((SECONDS + $1))
  until healthy; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 1
  done
}

say '1. prerequisites'
docker info >/dev/null 2>&1 || fail 'no Docker engine answers'
compose version >/dev/null || fail 'docker compose is missing'
[ -f "$compose_file" ] || fail "$compose_file is not here"
free_kb=$(df --output=avail -k . | tail -n 1)
[ "$free_kb" -ge "$min_free_kb" ] || fail "only $free_kb KiB are free"
current=$(compose exec -T "$service" cat /app/.atlas-version) || fail "$service does not run"
[ "$current" != "$ATLAS_VERSION" ] || fail "$current runs already"

say "2. backup of $db_name"
backup=$backup_dir/db-backup-$current-$stamp.sql.gz
compose exec -T "$db_service" pg_dump --username "$db_user" "$db_name" | gzip >"$backup" ||
  fail 'the backup did not succeed'

say "3. pull of $image:$ATLAS_VERSION"
docker pull --quiet "$image:$ATLAS_VERSION" || fail 'the pull did not succeed'

say "4. $compose_file: $current -> $ATLAS_VERSION"
cp -p "$compose_file" "$compose_file.before"
sed -i "s|image: $image:$current|image: $image:$ATLAS_VERSION|" "$compose_file"

say '5. restart with the new image; 6. it migrates while it starts'
compose up -d "$service" || say 'docker compose up reported a failure'

say "7. health, for up to $health_timeout s"
if wait_healthy "$health_timeout"; then
  printf '%s %s -> %s SUCCESS log:%s\n' "$stamp" "$current" "$ATLAS_VERSION" "$log_file" \
    >>"$data_dir/.atlas-upgrade-history"
  echo "$current" >"$data_dir/.atlas-previous-version"
  say "9. recorded; $ATLAS_VERSION serves"
  exit 0
fi

say "8. not healthy: back to $current"
mv "$compose_file.before" "$compose_file"
compose up -d "$service" || say 'docker compose up reported a failure'
wait_healthy "$rollback_timeout" || fail "$current is not healthy either"
printf '%s ROLLBACK %s -> %s log:%s\n' "$stamp" "$ATLAS_VERSION" "$current" "$log_file" \
  >>"$data_dir/.atlas-upgrade-history"
say "9. recorded; $current serves again"
exit 3

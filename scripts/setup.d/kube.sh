# Parts go, kubernetes, helm and containerd: the programs of the test cluster; sourced by
# scripts/setup. None of them is started here: scripts/kube.ts does that, in namespaces of its own.
# shellcheck disable=SC2154 # here is set by scripts/setup

kube_version=1.34.4
helm3_version=3.22.0
helm4_version=4.3.1
kube_modules=$here/kube/build
# The pinned modules' own hash is in the name, so that another pin is another folder.
kube_pin() { cat "$kube_modules/$1/go.mod" "$kube_modules/$1/go.sum" | sha256sum | cut -c 1-8; }
kubernetes_dir=$BELAY_CACHE/kubernetes-$kube_version-$(kube_pin kubernetes)
helm3_dir=$BELAY_CACHE/helm-$helm3_version-$(kube_pin helm3)
helm4_dir=$BELAY_CACHE/helm-$helm4_version-$(kube_pin helm4)
containerd_dir=$BELAY_CACHE/containerd
cni_dir=$BELAY_CACHE/cni-plugins
etcd_dir=$BELAY_CACHE/etcd

go_why() { echo 'Go 1.21 or newer (builds Kubernetes and Helm, with the toolchain their modules name)'; }
go_remedy() { echo 'install Go 1.21 or newer, from https://go.dev/dl or your distribution'; }

# Debian 12 offers 1.19, which cannot fetch a newer toolchain.
go_installable() {
  may_apt || return 1
  go_offered=$(apt-cache policy golang-go 2>/dev/null | sed -n 's/^ *Candidate: [0-9]*:\{0,1\}1\.\([0-9]*\).*/\1/p')
  [ "${go_offered:-0}" -ge 21 ]
}

go_install() { apt_install golang-go; }

# What is built already needs no Go.
go_ready() {
  if kubernetes_ready && helm_ready; then return 0; fi
  go_bin=$(command -v go) || go_bin=/usr/local/go/bin/go
  [ -x "$go_bin" ] || return 1
  go_minor=$("$go_bin" version 2>/dev/null | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
  [ "${go_minor:-0}" -ge 21 ]
}

kubernetes_why() { echo "Kubernetes $kube_version, built from its Go modules (a quarter of an hour, once)"; }
kubernetes_remedy() { go_remedy; }
kubernetes_installable() { go_ready; }
kubernetes_ready() { [ -x "$kubernetes_dir/kubelet" ]; }

# Without its version a binary calls itself v0.0.0, and charts with kubeVersion: are refused.
kubernetes_install() {
  kube_flags='-s -w'
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    kube_flags="$kube_flags -X $package.gitVersion=v$kube_version -X $package.gitTreeState=clean"
    kube_flags="$kube_flags -X $package.gitMajor=1 -X $package.gitMinor=34"
  done
  go_build kubernetes "$kubernetes_dir" "$kube_flags" \
    k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager \
    k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes/cmd/kube-proxy \
    k8s.io/kubernetes/cmd/kubelet k8s.io/kubernetes/cmd/kubectl
}

helm_why() { echo "Helm $helm3_version and $helm4_version, built from their Go modules (minutes, once)"; }
helm_remedy() { go_remedy; }
helm_installable() { go_ready; }
helm_ready() { [ -x "$helm3_dir/helm" ] && [ -x "$helm4_dir/helm" ]; }

# Helm 3 must be told of which Kubernetes its libraries are; Helm 4 looks itself.
helm_install() {
  if ! [ -x "$helm3_dir/helm" ]; then
    helm_client=$(sed -n 's|^.*k8s.io/client-go v0\.\([0-9]*\)\..*|\1|p' "$kube_modules/helm3/go.mod")
    helm_flags="-s -w -X helm.sh/helm/v3/internal/version.version=v$helm3_version"
    for package in pkg/lint/rules pkg/chartutil; do
      helm_flags="$helm_flags -X helm.sh/helm/v3/$package.k8sVersionMajor=1"
      helm_flags="$helm_flags -X helm.sh/helm/v3/$package.k8sVersionMinor=$helm_client"
    done
    go_build helm3 "$helm3_dir" "$helm_flags" helm.sh/helm/v3/cmd/helm || return 1
  fi
  if ! [ -x "$helm4_dir/helm" ]; then
    go_build helm4 "$helm4_dir" \
      "-s -w -X helm.sh/helm/v4/internal/version.version=v$helm4_version" helm.sh/helm/v4/cmd/helm
  fi
}

# go_build MODULE DIR LDFLAGS PACKAGE...: programs into DIR, all or none. go.sum proves every
# module's bytes, and -mod=readonly keeps go from writing to it.
go_build() {
  build_module=$1 build_dir=$2 build_flags=$3
  shift 3
  rm -rf "$build_dir.partial" && mkdir -p "$build_dir.partial" || return 1
  logged env CGO_ENABLED=0 GOTOOLCHAIN=auto GOWORK=off GOFLAGS= nice "$go_bin" build \
    -C "$kube_modules/$build_module" -mod=readonly -trimpath -buildvcs=false \
    -ldflags "$build_flags" -o "$build_dir.partial/" "$@" &&
    rm -rf "$build_dir" && mv "$build_dir.partial" "$build_dir"
}

containerd_why() {
  echo "etcd, containerd, runc, CNI plugins, a static busybox (the cluster's node is made of them)"
}
containerd_remedy() { echo 'sudo apt-get update && sh scripts/setup containerd'; }
containerd_installable() { may_apt_unpack containerd && { cluster_tools_ready || may_apt; }; }

# Unpacked, not installed: the installed packages start services of their own.
containerd_install() {
  cluster_tools_ready || apt_install iproute2 iptables openssl || return 1
  etcd_ready || apt_unpack etcd-server "$etcd_dir" || return 1
  runtime_ready || apt_unpack containerd "$containerd_dir" || return 1
  runc_ready || apt_unpack runc "$containerd_dir-runc" || return 1
  cni_ready || apt_unpack containernetworking-plugins "$cni_dir" || return 1
  busybox_ready || apt_unpack busybox-static "$busybox_dir"
}

containerd_ready() {
  cluster_tools_ready && etcd_ready && runtime_ready && runc_ready && cni_ready && busybox_ready
}

cluster_tools_ready() {
  for tool in ip iptables openssl unshare setpriv mount; do
    command -v "$tool" >/dev/null || return 1
  done
}

etcd_ready() {
  etcd_bin=$(command -v etcd) && return 0
  etcd_bin=$etcd_dir/usr/bin/etcd
  [ -x "$etcd_bin" ]
}

# All from one package: a shim of another version would not do.
runtime_ready() {
  for containerd_bin in "$(command -v containerd)" "$containerd_dir/usr/bin/containerd"; do
    if [ -x "$containerd_bin" ] && [ -x "${containerd_bin%/*}/containerd-shim-runc-v2" ] &&
      [ -x "${containerd_bin%/*}/ctr" ]; then return 0; fi
  done
  return 1
}

runc_ready() {
  runc_bin=$(command -v runc) && return 0
  runc_bin=$containerd_dir-runc/usr/sbin/runc
  [ -x "$runc_bin" ]
}

cni_ready() {
  for cni_plugins in /usr/lib/cni /opt/cni/bin "$cni_dir/usr/lib/cni"; do
    if [ -x "$cni_plugins/bridge" ] && [ -x "$cni_plugins/host-local" ] &&
      [ -x "$cni_plugins/portmap" ] && [ -x "$cni_plugins/firewall" ]; then return 0; fi
  done
  return 1
}

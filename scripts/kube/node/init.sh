#!/bin/sh
# First process of the cluster's namespaces: makes a node of them, then waits, reaping what its
# containers leave. When it ends, the kernel ends everything else in here and unmounts all of it.
#
#   init.sh ROOT NODE_ADDRESS/PREFIX SERVICE_RANGE PROGRAM [ARG...]
set -eu
root=$1 address=$2 services=$3
shift 3

# Nothing is done before the other end of the network link is there.
read -r _

# Kubernetes and its plugins write to fixed places. In here those are memory, laid over what the
# machine has, so that nothing of it is seen outside. The state folder itself stays reachable.
mount -t tmpfs -o mode=755 belay-node /run
mkdir /run/state /run/tunables
mount --bind "$root" /run/state
for place in /var/lib /var/log; do
  mkdir -p "/run/over$place/upper" "/run/over$place/work"
  mount -t overlay -o "lowerdir=$place,upperdir=/run/over$place/upper,workdir=/run/over$place/work" \
    belay-node "$place"
done
mount --bind /run/state "$root"

# The kubelet sets these for the whole machine when they differ; it finds what it wants instead.
tunable() {
  [ -e "/proc/sys/$1" ] || return 0
  file=/run/tunables/$(echo "$1" | tr / .)
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
tunable vm/overcommit_memory 1
tunable vm/panic_on_oom 0
tunable kernel/panic 10
tunable kernel/panic_on_oops 1
tunable kernel/keys/root_maxkeys 1000000
tunable kernel/keys/root_maxbytes 25000000

# Names are asked of the cluster's own responder alone: what it does not know fails at once. Where the
# file is a link into /run, what it led to is covered.
resolver=$(readlink -m /etc/resolv.conf)
case $resolver in /run/*) mkdir -p "${resolver%/*}" && : >"$resolver" ;; esac
echo "nameserver ${address%/*}" >/run/resolver
if [ -e "$resolver" ]; then mount --bind /run/resolver "$resolver"; fi

# There is no default route: whatever is not the node, its pods or the host fails at once. Services
# need a route, though it leads nowhere, because they are translated only after one was found.
ip link set lo up
ip address add "$address" dev eth0
ip link set eth0 up
ip route add "$services" dev eth0 src "${address%/*}"
echo 1 >/proc/sys/net/ipv4/ip_forward
# A pod that calls a Service on its own node would get the answer from the wrong address.
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
fi

"$@" </dev/null &
while kill -0 $! 2>/dev/null; do wait $! || :; done

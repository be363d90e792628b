# belay: command line, control worker and site worker in one image.
#
#   docker build --tag belay .
#
# glibc throughout: Temporal's native part is built for nothing else. Where no public registry can be
# reached, `node scripts/image.ts` makes the same from a machine's own programs.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG GO_IMAGE=golang:1.26-bookworm
ARG DOCKER_IMAGE=docker:28-cli

# Helm from the modules that scripts/kube pins by hash.
FROM ${GO_IMAGE} AS helm
WORKDIR /src
COPY scripts/kube/build/helm3/go.mod scripts/kube/build/helm3/go.sum ./
RUN version=$(sed -n 's|^.*helm.sh/helm/v3 \(v[0-9.]*\).*|\1|p' go.mod) \
 && CGO_ENABLED=0 go build -mod=readonly -trimpath -buildvcs=false \
    -ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=$version" \
    -o /out/helm helm.sh/helm/v3/cmd/helm

# The client and its compose plugin, for sites whose deployments are Compose projects.
FROM ${DOCKER_IMAGE} AS docker

FROM ${NODE_IMAGE} AS packages
WORKDIR /opt/belay
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lock file that leaves out optional packages for other machines. What is in
# the lock file is proven by its hashes either way.
RUN npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund \
 # Builds for other machines, and sources.
 && cd node_modules/@temporalio/core-bridge \
 && rm -rf sdk-core src ts bridge-macros \
 && find releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +
COPY bin/ bin/
COPY src/ src/
# The workflows' bundle: where the image runs, its file system can't be written.
RUN BELAY_CACHE=/opt/belay/cache node --input-type=module \
    --eval "await (await import('./src/worker/bundle.ts')).workflowBundle();" \
 && chmod -R a+rX /opt/belay

FROM ${NODE_IMAGE}
# The authorities by which Temporal, registries and chart repositories prove themselves.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --mode 0700 --owner 1000 --group 1000 /var/lib/belay \
 && ln -s /opt/belay/bin/belay /usr/local/bin/belay
COPY --from=helm /out/helm /usr/local/bin/helm
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-compose /usr/local/lib/docker/cli-plugins/docker-compose
COPY --from=packages /opt/belay /opt/belay
ENV NODE_ENV=production \
    HOME=/tmp \
    BELAY_CACHE=/opt/belay/cache \
    BELAY_STATE=/var/lib/belay/state \
    BELAY_DEPLOYMENTS=/etc/belay/deployments
USER 1000:1000
WORKDIR /var/lib/belay
# `belay up` listens to SIGTERM itself, as process 1 too. What reaps orphans is a pod's own first process
# (shareProcessNamespace) or Docker's (--init).
ENTRYPOINT ["belay"]
CMD ["up"]

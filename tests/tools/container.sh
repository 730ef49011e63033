#!/usr/bin/env bash
# Set up the container tests: an engine, a base image with Debian's Python, the image, and `docker` for kustomize and kpt.
#
# All of it lies below build/container, the engine's storage included: nothing of the user's own engine is touched. As
# root on Debian a missing engine is installed. What the image is made of decides whether it is built again.
# CONTAINER=0 leaves all of it out.
set -euo pipefail
work=$PWD/build/container
[ "${CONTAINER:-1}" != 0 ] || { echo "container tests are left out: CONTAINER=0" >&2; exit 0; }

rm -f "$work/unavailable"

give_up() { # REASON
  mkdir -p "$work"
  rm -rf "${work:?}/bin"
  echo "container tests can't run: $1" >&2
  [ -z "${CI:-}" ] || exit 1
  echo "$1" >"$work/unavailable"
  echo "they are left out; CI takes that for a failure" >&2
  exit 0
}

install_packages() { # PACKAGE...
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
  echo "installing $*" >&2
  # another apt may be at work, as on a machine that has just started
  local wait=(-o DPkg::Lock::Timeout=300)
  { apt-get "${wait[@]}" update -qq && DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" install -qq -y --no-install-recommends "$@"; } >"$work/apt.log" 2>&1 ||
    { tail -n 3 "$work/apt.log" >&2; return 1; }
}

podman_settings() {
  # A sandbox may not raise its limits, which podman does by default, and has no systemd to make control groups.
  cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$(limit -Hn):$(limit -Hn)", "nproc=$(limit -Hu):$(limit -Hu)"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "$(basename "$(command -v crun || command -v runc)")"
CONF
  cat >"$work/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
CONF
  printf '#!/bin/sh\nexport CONTAINERS_CONF=%q CONTAINERS_STORAGE_CONF=%q\nexec %q "$@"\n' \
    "$work/containers.conf" "$work/storage.conf" "$(command -v podman)" >"$work/engine"
}

limit() { # FLAG: at most 4096, which is plenty for a function
  local most
  most=$(ulimit "$1")
  [ "$most" = unlimited ] || [ "$most" -gt 4096 ] && most=4096
  echo "$most"
}

runtime=docker read_only=--read-only
choose_engine() {
  if docker info >/dev/null 2>&1; then
    printf '#!/bin/sh\nexec %q "$@"\n' "$(command -v docker)" >"$work/engine"
  elif command -v podman >/dev/null || install_packages podman runc mmdebstrap; then
    podman_settings
    runtime=podman
    read_only="--read-only --read-only-tmpfs=false" # else podman lays a writable /tmp over it
  else
    give_up "there is neither a running Docker nor Podman, and Podman could not be installed (that needs root and apt-get)"
  fi
  chmod +x "$work/engine"
}

base_image() { # prints the name
  local name=localhost/krm-fn-base:debian codename
  "$work/engine" image inspect "$name" >/dev/null 2>&1 && { echo "$name"; return; }
  command -v mmdebstrap >/dev/null || install_packages mmdebstrap || return 0
  # shellcheck disable=SC1091 # the machine's own
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mmdebstrap --quiet --variant=extract --include=python3 "$codename" "$work/base.tar" >&2 || return 1
  "$work/engine" import "$work/base.tar" "$name" >"$work/base.log" 2>&1 || return 1
  rm -f "$work/base.tar"
  echo "$name"
}

sources() { # a digest of everything that goes into the image
  find krm_fn catalog schemas .ci/image Dockerfile requirements.lock pyproject.toml README.md LICENSE tests/tools/container.sh \
    -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

mkdir -p "$work/bin"
choose_engine
missing=()
for tool in skopeo docker-registry strace; do command -v $tool >/dev/null || missing+=("$tool"); done
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}" || give_up "${missing[*]} could not be installed"
# kustomize calls `docker`, and kpt the runtime it is told of. No test may reach a registry or write in the container.
cat >"$work/bin/docker" <<SHIM
#!/bin/sh
[ "\$1" = run ] && shift && exec "$work/engine" run --pull never $read_only "\$@"
exec "$work/engine" "\$@"
SHIM
chmod +x "$work/bin/docker"
[ $runtime = docker ] || ln -sf docker "$work/bin/$runtime"
echo "$runtime" >"$work/runtime"
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' krm_fn/__init__.py)
image=ghcr.io/krm-fn/krm-fn:v$version
key=$(sources)
if [ "$(cat "$work/image.key" 2>/dev/null)" = "$key" ] && "$work/engine" image inspect "$image" >/dev/null 2>&1; then
  exit 0
fi
started=$SECONDS
base=$(base_image) || give_up "the base image could not be made"
BASE_IMAGE=$base ENGINE=$work/engine .ci/image/image.sh >"$work/image.log" 2>&1 ||
  { tail -n 20 "$work/image.log" >&2; give_up "the image could not be built, see above"; }
echo "${base:-default}" >"$work/base"
echo "$key" >"$work/image.key"
echo "built $image in $((SECONDS - started)) s" >&2

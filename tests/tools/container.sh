#!/usr/bin/env bash
# Set up the container tests: an engine, a base image with Python, the image, and `docker` for kustomize and kpt.
#
# An engine that is there, Docker or Podman, is used. Where there is none, Podman and what else the tests run (skopeo, a
# registry, strace) are unpacked from Debian's packages, in CI or with INSTALL=1. All of it lies below build/container, the
# engine's storage included: nothing is installed, no service is enabled, nothing of a person's own engine is touched but
# the images. What the image is made of decides whether it is built again. CONTAINER=0 leaves all of it out.
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

may_fetch() { # whether Debian packages may be downloaded and unpacked here
  [ -n "${CI:-}" ] || [ "${INSTALL:-}" = 1 ]
}

wrapper() { # FILE COMMAND [VARIABLE=VALUE...]: a program that runs another in the right environment
  local file=$1 program=$2
  shift 2
  { printf '#!/bin/sh\n'; [ $# = 0 ] || printf 'export %q\n' "$@"; printf 'exec "%s" "$@"\n' "$program"; } >"$file"
  chmod +x "$file"
}

unpacked() { # PROGRAM: its path below what was unpacked
  local folder
  for folder in usr/bin usr/sbin; do
    [ -x "$work/debian/root/$folder/$1" ] && echo "$work/debian/root/$folder/$1" && return
  done
  return 1
}

libraries() { # where an unpacked program finds its libraries
  find "$work/debian/root/usr/lib" -maxdepth 1 -type d -name '*-linux-gnu*' | paste -s -d :
}

fetch_missing() { # unpack what the machine lacks of the programs below, and put them into bin/
  local missing=() tool
  "$has_engine" || missing+=(podman runc)
  for tool in skopeo docker-registry strace; do
    command -v $tool >/dev/null && [ "$(command -v $tool)" != "$PWD/bin/$tool" ] || missing+=("$tool")
  done
  [ ${#missing[@]} != 0 ] && may_fetch || return 0
  if [ "$(cat "$work/debian/packages" 2>/dev/null)" != "${missing[*]}" ]; then
    echo "unpacking ${missing[*]} below build/container" >&2
    tests/tools/unpack.sh "$work/debian" "${missing[@]}" || return 0 # what then is missing is named by whoever needs it
    echo "${missing[*]}" >"$work/debian/packages"
  fi
  mkdir -p "$work/home/.config/containers"
  cp "$work/debian/root/etc/containers/policy.json" "$work/home/.config/containers/" 2>/dev/null || true
  for tool in skopeo docker-registry strace; do
    unpacked $tool >/dev/null && wrapper "bin/$tool" "$(unpacked $tool)" "HOME=$work/home" "LD_LIBRARY_PATH=$(libraries)"
  done
  return 0
}

limit() { # FLAG: at most 4096, which is plenty for a function
  local most
  most=$(ulimit "$1")
  [ "$most" = unlimited ] || [ "$most" -gt 4096 ] && most=4096
  echo "$most"
}

podman_engine() { # PODMAN RUNTIME
  # A sandbox may not raise its limits, which podman does by default, has no systemd to make control groups, and may have no
  # firewall to make a network with; no test wants one.
  cat >"$work/containers.conf" <<CONF
[containers]
netns = "none"
default_ulimits = ["nofile=$(limit -Hn):$(limit -Hn)", "nproc=$(limit -Hu):$(limit -Hu)"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "$(basename "$2")"
CONF
  cat >"$work/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
CONF
  local settings=("CONTAINERS_CONF=$work/containers.conf" "CONTAINERS_STORAGE_CONF=$work/storage.conf")
  if [ "$1" != "$work/debian/root/usr/bin/podman" ]; then
    wrapper "$work/engine" "$1" "${settings[@]}"
    return
  fi
  local root=$work/debian/root
  sed -i "1a seccomp_profile = \"$root/usr/share/containers/seccomp.json\"" "$work/containers.conf"
  cat >>"$work/containers.conf" <<CONF
conmon_path = ["$root/usr/bin/conmon"]
conmon_env_vars = ["LD_LIBRARY_PATH=$(libraries)"]
helper_binaries_dir = ["$root/usr/lib/podman"]
[engine.runtimes]
$(basename "$2") = ["$2"]
CONF
  wrapper "$work/engine" "$1" "${settings[@]}" "HOME=$work/home" "LD_LIBRARY_PATH=$(libraries)"
}

runtime=docker read_only=--read-only has_engine=true
choose_engine() {
  local podman
  if docker info >/dev/null 2>&1; then
    wrapper "$work/engine" "$(command -v docker)"
    fetch_missing
    return
  fi
  podman=$(command -v podman) || has_engine=false
  fetch_missing
  if ! $has_engine; then
    may_fetch || give_up "there is neither a running Docker nor Podman; INSTALL=1 unpacks Podman below build/ (Debian, as root)"
    [ "$(id -u)" = 0 ] || give_up "there is neither a running Docker nor Podman, and an unpacked Podman needs root"
    podman=$(unpacked podman) || give_up "there is neither a running Docker nor Podman, and Podman could not be unpacked"
  fi
  podman_engine "$podman" "$(command -v crun || command -v runc || unpacked runc)"
  runtime=podman
  read_only="--read-only --read-only-tmpfs=false" # else podman lays a writable /tmp over it
}

base_image() { # prints the name; nothing is the Dockerfile's own, which the engine pulls
  local name=localhost/krm-fn-base:debian
  may_fetch && command -v apt-get >/dev/null || return 0
  "$work/engine" image inspect "$name" >/dev/null 2>&1 && { echo "$name"; return; }
  FROM=nothing tests/tools/unpack.sh "$work/base-root" python3 >&2 || return 1
  tar --create --owner=0 --group=0 --directory "$work/base-root/root" . | "$work/engine" import - "$name" >"$work/base.log" 2>&1 || return 1
  rm -rf "$work/base-root"
  echo "$name"
}

sources() { # a digest of everything that goes into the image
  find krm_fn catalog schemas .ci/image Dockerfile requirements.lock pyproject.toml README.md LICENSE docs/krm-fn.1 tests/tools/container.sh \
    -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

mkdir -p "$work/bin" bin
choose_engine
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

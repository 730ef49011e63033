#!/usr/bin/env bash
# Build the image ghcr.io/krm-fn/krm-fn:v<version>, the same bytes from the same sources.
#
#     .ci/image/image.sh
#
# BASE_IMAGE    any image with python3 and glibc        (default: the Dockerfile's; give it with its digest for a release)
# PLATFORM      linux/amd64 or linux/arm64              (default: the engine's own; another one needs its emulator)
# ENGINE        docker or podman                        (default: Docker where it runs, else Podman)
# IMAGE         name and tag                            (default: ghcr.io/krm-fn/krm-fn:v<version>)
# BUILD_OPTIONS more options for the engine's build, such as --push
#
# Packages are downloaded here, with the machine's own pip configuration, and checked against the locks; the build has
# no network. The base is asked which Python it has.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
engine=${ENGINE:-$(docker info >/dev/null 2>&1 && echo docker || command -v podman || true)}
[ -n "$engine" ] || { echo "no container engine: install Docker or podman, or name one with ENGINE" >&2; exit 1; }
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' krm_fn/__init__.py)
image=${IMAGE:-ghcr.io/krm-fn/krm-fn:v$version}
base=${BASE_IMAGE:-$(sed -n 's/^ARG BASE_IMAGE=//p' Dockerfile)}
platform=${PLATFORM:-linux/$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')}
case $platform in
  linux/amd64) machine=x86_64 ;;
  linux/arm64) machine=aarch64 ;;
  *) echo "PLATFORM is $platform: write linux/amd64 or linux/arm64" >&2; exit 1 ;;
esac
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

work=build/image context=build/image/context
rm -rf "$context" && mkdir -p "$context/wheels"
if [ ! -x $work/venv/bin/hatchling ]; then
  "$python" -m venv $work/venv
  $work/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/image/build.lock
fi
base_python=$("$engine" run --rm --network none --platform "$platform" --entrypoint python3 "$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
download() { # LOCK
  $work/venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    --implementation cp --python-version "$base_python" --dest "$context/wheels" -r "$1" \
    --platform "manylinux2014_$machine" --platform "manylinux_2_17_$machine" --platform "manylinux_2_28_$machine"
}
download requirements.lock
download .ci/image/build.lock
$work/venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$context/wheels" .
cp Dockerfile .ci/image/rootfs.py .ci/image/copy.py requirements.lock "$context"

kubevirt=$("$python" -c 'from krm_fn.kubevirt.versions import VERSIONS; print(",".join(VERSIONS))')
options=(--platform "$platform" --network none --tag "$image" --build-arg "BASE_IMAGE=$base" --build-arg "VERSION=$version")
options+=(--build-arg "KUBEVIRT_VERSIONS=$kubevirt" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH")
options+=(--build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)")
if "$engine" --version | grep -qi podman; then
  options+=(--timestamp "$SOURCE_DATE_EPOCH" --layers=false)
fi
# shellcheck disable=SC2086 # BUILD_OPTIONS is a list
"$engine" build "${options[@]}" ${BUILD_OPTIONS:-} "$context"
echo "$image" >&2

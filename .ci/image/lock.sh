#!/usr/bin/env bash
# Rewrite requirements.lock (what krm-fn runs on), .ci/image/build.lock (what builds the image) and tests/requirements.lock
# (what tests, linters and docs run on), with the hash of every file.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
[ -x build/lock/bin/uv ] || { "$python" -m venv build/lock && build/lock/bin/python -m pip install --quiet 'uv>=0.9,<1'; }
lock() { # OUTPUT INPUT...
  local output=$1
  shift
  build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
    --custom-compile-command "make lock" "$@" -o "$output"
}
lock requirements.lock pyproject.toml
lock .ci/image/build.lock .ci/image/build.in
# A constraint, so that tests run on what krm-fn ships with.
lock tests/requirements.lock pyproject.toml --extra dask -c requirements.lock --group test --group lint --group build --group docs
